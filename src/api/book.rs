//! The book of endpoints: each line mounts a route and says what it takes and gives, so that the served OpenAPI document
//! cannot tell of anything that is not there.

use actix_web::{FromRequest, Handler, Responder, http::Method, web};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        ContentBuilder, HttpMethod, RefOr, Required, ResponseBuilder,
        path::{OperationBuilder, ParameterBuilder, ParameterIn, Paths},
        request_body::RequestBodyBuilder,
        schema::{ArrayBuilder, ComponentsBuilder, ObjectBuilder, Schema, Type},
        security::SecurityRequirement,
    },
};

type Named = (String, RefOr<Schema>);

/// What one endpoint is.
pub(super) struct Endpoint {
    method: Method,
    path: &'static str,
    tag: &'static str,
    says: &'static str,
    scope: &'static str,
    must_sign_in: bool,
    takes: &'static str,
    file: bool,
    gives: Option<RefOr<Schema>>,
    kind: &'static str,
}

/// Collects endpoints and, where a server is being put together, mounts them.
pub(super) struct Book<'a> {
    config: Option<&'a mut web::ServiceConfig>,
    tag: &'static str,
    endpoints: Vec<Endpoint>,
    schemas: Vec<Named>,
}

impl<'a> Book<'a> {
    /// With a server to mount on, or without one.
    pub(super) fn new(config: Option<&'a mut web::ServiceConfig>) -> Self {
        Self { config, tag: "", endpoints: Vec::new(), schemas: Vec::new() }
    }

    /// What follows belongs together under this name.
    pub(super) fn chapter(&mut self, tag: &'static str) {
        self.tag = tag;
    }

    fn add<F, A>(&mut self, method: Method, path: &'static str, says: &'static str, handler: F) -> Line<'_, 'a>
    where
        F: Handler<A>,
        A: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        if let Some(config) = &mut self.config {
            config.route(path, web::method(method.clone()).to(handler));
        }
        self.endpoints.push(Endpoint {
            method,
            path,
            tag: self.tag,
            says,
            scope: "",
            must_sign_in: false,
            takes: "",
            file: false,
            gives: None,
            kind: "application/json",
        });
        Line(self)
    }

    pub(super) fn get<F, A>(&mut self, path: &'static str, says: &'static str, handler: F) -> Line<'_, 'a>
    where
        F: Handler<A>,
        A: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.add(Method::GET, path, says, handler)
    }

    pub(super) fn post<F, A>(&mut self, path: &'static str, says: &'static str, handler: F) -> Line<'_, 'a>
    where
        F: Handler<A>,
        A: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.add(Method::POST, path, says, handler)
    }

    pub(super) fn put<F, A>(&mut self, path: &'static str, says: &'static str, handler: F) -> Line<'_, 'a>
    where
        F: Handler<A>,
        A: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.add(Method::PUT, path, says, handler)
    }

    pub(super) fn patch<F, A>(&mut self, path: &'static str, says: &'static str, handler: F) -> Line<'_, 'a>
    where
        F: Handler<A>,
        A: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.add(Method::PATCH, path, says, handler)
    }

    pub(super) fn delete<F, A>(&mut self, path: &'static str, says: &'static str, handler: F) -> Line<'_, 'a>
    where
        F: Handler<A>,
        A: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.add(Method::DELETE, path, says, handler)
    }

    /// The paths and the schemas that the endpoints name.
    pub(super) fn document(self) -> (Paths, ComponentsBuilder) {
        let mut paths = Paths::new();
        for endpoint in &self.endpoints {
            let method = match endpoint.method {
                Method::POST => HttpMethod::Post,
                Method::PUT => HttpMethod::Put,
                Method::PATCH => HttpMethod::Patch,
                Method::DELETE => HttpMethod::Delete,
                _ => HttpMethod::Get,
            };
            paths.add_path_operation(endpoint.shown_path(), vec![method], endpoint.operation());
        }
        let components = ComponentsBuilder::new().schemas_from_iter(self.schemas);
        (paths, components)
    }

    /// Chapter, method, path, scope and summary of every endpoint.
    pub(super) fn contents(&self) -> impl Iterator<Item = (&'static str, &Method, String, &'static str, &'static str)> {
        self.endpoints.iter().map(|e| (e.tag, &e.method, e.shown_path(), e.scope, e.says))
    }
}

/// The endpoint that was added last, to say more of it.
pub(super) struct Line<'b, 'a>(&'b mut Book<'a>);

impl Line<'_, '_> {
    fn change(self, change: impl FnOnce(&mut Endpoint)) -> Self {
        if let Some(last) = self.0.endpoints.last_mut() {
            change(last);
        }
        self
    }

    /// Somebody's token with this scope is needed; `a|b` is either.
    pub(super) fn needs(self, scope: &'static str) -> Self {
        self.change(|e| {
            e.scope = scope;
            e.must_sign_in = true;
        })
    }

    /// A token is welcome; one that is sent must have this scope.
    pub(super) fn may(self, scope: &'static str) -> Self {
        self.change(|e| e.scope = scope)
    }

    /// Parameters by name: `limit:int`, `locked:bool`, `id[]` for a list, `source{}` for a nested set; `*` is required.
    pub(super) fn takes(self, takes: &'static str) -> Self {
        self.change(|e| e.takes = takes)
    }

    /// One of its parameters is a file.
    pub(super) fn takes_a_file(self) -> Self {
        self.change(|e| e.file = true)
    }

    /// It answers with one of these.
    pub(super) fn gives<T: ToSchema + 'static>(self) -> Self {
        let reference = self.0.name::<T>();
        self.change(|e| e.gives = Some(reference))
    }

    /// It answers with a list of these.
    pub(super) fn gives_list<T: ToSchema + 'static>(self) -> Self {
        let items = self.0.name::<T>();
        self.change(|e| e.gives = Some(ArrayBuilder::new().items(items).build().into()))
    }

    /// It answers with something that is no JSON.
    pub(super) fn gives_other(self, kind: &'static str) -> Self {
        self.change(|e| e.kind = kind)
    }
}

impl Book<'_> {
    fn name<T: ToSchema + 'static>(&mut self) -> RefOr<Schema> {
        let name = T::name().into_owned();
        if !self.schemas.iter().any(|(known, _)| *known == name) {
            self.schemas.push((name.clone(), T::schema()));
            let mut inner = Vec::new();
            T::schemas(&mut inner);
            for one in inner {
                if !self.schemas.iter().any(|(known, _)| *known == one.0) {
                    self.schemas.push(one);
                }
            }
        }
        utoipa::openapi::Ref::from_schema_name(name).into()
    }
}

/// One parameter as [`Line::takes`] names it.
struct Taken<'a> {
    name: &'a str,
    schema: Schema,
    required: bool,
}

fn taken(word: &str) -> Taken<'_> {
    let (word, required) = word.strip_suffix('*').map_or((word, false), |w| (w, true));
    let (name, kind) = word.split_once(':').unwrap_or((word, "string"));
    let one = match kind {
        "int" => Type::Integer,
        "bool" => Type::Boolean,
        _ => Type::String,
    };
    let plain = || ObjectBuilder::new().schema_type(one.clone()).build();
    if let Some(name) = name.strip_suffix("[]") {
        return Taken { name, schema: ArrayBuilder::new().items(plain()).build().into(), required };
    }
    if let Some(name) = name.strip_suffix("{}") {
        return Taken { name, schema: ObjectBuilder::new().build().into(), required };
    }
    Taken { name, schema: plain().into(), required }
}

impl Endpoint {
    /// The path from the root of the server, with the names of its parts alone.
    fn shown_path(&self) -> String {
        format!("/api{}", self.path.replace(":.*}", "}"))
    }

    fn operation(&self) -> OperationBuilder {
        let mut operation = OperationBuilder::new().summary(Some(self.says)).tag(self.tag);
        if !self.scope.is_empty() {
            operation = operation.description(Some(format!("Scope: `{}`", self.scope.replace('|', "` or `"))));
        }
        if self.must_sign_in || !self.scope.is_empty() {
            let free = (!self.must_sign_in).then(SecurityRequirement::default);
            let scopes = self.scope.split('|').map(|scope| {
                let named = Some(scope).filter(|scope| !scope.is_empty());
                SecurityRequirement::new("token", named)
            });
            operation = operation.securities(Some(free.into_iter().chain(scopes)));
        }
        for part in self.path.split('/').filter_map(|p| p.strip_prefix('{')) {
            let name = part.trim_end_matches('}').split(':').next().unwrap_or_default();
            let text = ObjectBuilder::new().schema_type(Type::String).build();
            let parameter = ParameterBuilder::new()
                .name(name)
                .parameter_in(ParameterIn::Path)
                .required(Required::True)
                .schema(Some(text));
            operation = operation.parameter(parameter);
        }
        let words: Vec<Taken<'_>> = self.takes.split_whitespace().map(taken).collect();
        if self.method == Method::GET || self.method == Method::DELETE {
            for one in words {
                let name =
                    if matches!(one.schema, Schema::Array(_)) { format!("{}[]", one.name) } else { one.name.into() };
                let parameter = ParameterBuilder::new()
                    .name(name)
                    .parameter_in(ParameterIn::Query)
                    .required(if one.required { Required::True } else { Required::False })
                    .schema(Some(one.schema));
                operation = operation.parameter(parameter);
            }
        } else if !words.is_empty() || self.file {
            operation = operation.request_body(Some(self.body(words)));
        }
        operation.responses(self.responses())
    }

    fn body(&self, words: Vec<Taken<'_>>) -> utoipa::openapi::request_body::RequestBody {
        let mut object = ObjectBuilder::new();
        for one in words {
            if one.required {
                object = object.required(one.name);
            }
            object = object.property(one.name, one.schema);
        }
        if self.file {
            let file = ObjectBuilder::new()
                .schema_type(Type::String)
                .format(Some(utoipa::openapi::SchemaFormat::KnownFormat(utoipa::openapi::KnownFormat::Binary)));
            object = object.property("file", file);
        }
        let schema: Schema = object.build().into();
        let content = |schema: &Schema| ContentBuilder::new().schema(Some(schema.clone())).build();
        let kinds: &[&str] = if self.file {
            &["multipart/form-data"]
        } else {
            &["application/json", "application/x-www-form-urlencoded"]
        };
        kinds.iter().fold(RequestBodyBuilder::new(), |body, kind| body.content(*kind, content(&schema))).build()
    }

    fn responses(&self) -> utoipa::openapi::Responses {
        let fault = ContentBuilder::new().schema(Some(super::error::FaultBody::schema())).build();
        let failing =
            |words: &str| ResponseBuilder::new().description(words).content("application/json", fault.clone());
        let mut fine = ResponseBuilder::new().description("Done");
        let content = ContentBuilder::new();
        let content = match &self.gives {
            Some(schema) => content.schema(Some(schema.clone())),
            None => content,
        };
        fine = fine.content(self.kind, content.build());
        let mut all = utoipa::openapi::ResponsesBuilder::new().response("200", fine);
        for (code, words) in [
            ("401", "A working token is needed"),
            ("403", "The token does not cover this, or its owner may not do it"),
            ("404", "There is no such thing, or not for you"),
            ("422", "Something in the request is wrong; the text says what"),
            ("429", "Too often; Retry-After says when to come back"),
            ("503", "Another server, or the database, does not answer"),
        ] {
            all = all.response(code, failing(words));
        }
        all.build()
    }
}
