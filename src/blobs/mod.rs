//! Where files are kept: a folder of this machine, or any S3, by `object_store`.
//! What a file is and who may have it is never decided here.

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use object_store::{
    ObjectStore, ObjectStoreExt, PutPayload,
    aws::AmazonS3Builder,
    client::{CryptoProvider, DigestAlgorithm, DigestContext, HmacContext, Signer, SigningAlgorithm},
    local::LocalFileSystem,
    path::Path,
};

use crate::{
    config::Config,
    crypto,
    error::{Error, Result},
    service::ports::Blobs,
};

/// The place that the configuration names.
pub fn open(config: &Config) -> Result<Arc<dyn Blobs>> {
    let media = &config.media;
    let store: Arc<dyn ObjectStore> = if media.s3_bucket.is_empty() {
        std::fs::create_dir_all(&media.folder).map_err(|e| {
            Error::internal(format!(
                "cannot make {}: {e}. Set media.folder to a place that can be written.",
                media.folder.display()
            ))
        })?;
        Arc::new(LocalFileSystem::new_with_prefix(&media.folder).map_err(|e| Error::Internal(e.into()))?)
    } else {
        let secret = config.s3_secret_key().map_err(|e| Error::Internal(e.into()))?;
        let mut builder = AmazonS3Builder::new()
            .with_bucket_name(&media.s3_bucket)
            .with_region(&media.s3_region)
            .with_access_key_id(&media.s3_access_key)
            .with_secret_access_key(secret.as_ref().map_or("", |s| s.expose()))
            .with_crypto_provider(Arc::new(OpenSsl))
            .with_allow_http(media.s3_endpoint.starts_with("http://"));
        if !media.s3_endpoint.is_empty() {
            builder = builder.with_endpoint(&media.s3_endpoint);
        }
        Arc::new(builder.build().map_err(|e| Error::internal(format!("media.s3_* cannot be used: {e}")))?)
    };
    Ok(Arc::new(Stored(store)))
}

#[derive(Debug)]
struct Stored(Arc<dyn ObjectStore>);

/// Spread over folders, so that none of them grows beyond what a file system likes.
fn path(name: &str) -> Path {
    Path::from_iter([name.get(..2).unwrap_or("__"), name])
}

fn fault(error: object_store::Error) -> Error {
    match error {
        object_store::Error::NotFound { .. } => Error::NotFound,
        other => {
            tracing::error!(error = %other, "the place for files does not work");
            Error::Unavailable
        }
    }
}

#[async_trait]
impl Blobs for Stored {
    async fn put(&self, name: &str, bytes: Bytes) -> Result<()> {
        self.0.put(&path(name), PutPayload::from_bytes(bytes)).await.map_err(fault)?;
        Ok(())
    }

    async fn get(&self, name: &str) -> Result<Bytes> {
        let found = self.0.get(&path(name)).await.map_err(fault)?;
        found.bytes().await.map_err(fault)
    }

    async fn delete(&self, name: &str) -> Result<()> {
        match self.0.delete(&path(name)).await.map_err(fault) {
            Ok(()) | Err(Error::NotFound) => Ok(()),
            Err(error) => Err(error),
        }
    }
}

/// Requests to S3 are signed by the house's one cryptographic library.
#[derive(Debug)]
struct OpenSsl;

fn refused(source: crypto::CryptoError) -> object_store::Error {
    object_store::Error::Generic { store: "S3", source: Box::new(source) }
}

fn sha256_only(algorithm: &DigestAlgorithm) -> object_store::Result<()> {
    match algorithm {
        DigestAlgorithm::Sha256 => Ok(()),
        _ => Err(object_store::Error::NotImplemented { operation: "digest".into(), implementer: "S3".into() }),
    }
}

impl CryptoProvider for OpenSsl {
    fn digest(&self, algorithm: DigestAlgorithm) -> object_store::Result<Box<dyn DigestContext>> {
        sha256_only(&algorithm)?;
        Ok(Box::new(Gathered { key: None, data: Vec::new(), result: [0; 32] }))
    }

    fn hmac(&self, algorithm: DigestAlgorithm, secret: &[u8]) -> object_store::Result<Box<dyn HmacContext>> {
        sha256_only(&algorithm)?;
        Ok(Box::new(Gathered { key: Some(secret.to_vec()), data: Vec::new(), result: [0; 32] }))
    }

    fn sign(&self, _: SigningAlgorithm, _: &[u8]) -> object_store::Result<Box<dyn Signer>> {
        Err(object_store::Error::NotImplemented { operation: "RS256".into(), implementer: "S3".into() })
    }
}

struct Gathered {
    key: Option<Vec<u8>>,
    data: Vec<u8>,
    result: [u8; 32],
}

impl DigestContext for Gathered {
    fn update(&mut self, data: &[u8]) {
        self.data.extend_from_slice(data);
    }

    fn finish(&mut self) -> object_store::Result<&[u8]> {
        self.result = crypto::digest::sha256(&self.data);
        Ok(&self.result)
    }
}

impl HmacContext for Gathered {
    fn update(&mut self, data: &[u8]) {
        self.data.extend_from_slice(data);
    }

    fn finish(&mut self) -> object_store::Result<&[u8]> {
        self.result =
            crypto::token::hmac_sha256(self.key.as_deref().unwrap_or_default(), &self.data).map_err(refused)?;
        Ok(&self.result)
    }
}
