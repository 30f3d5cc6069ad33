use crate::model::{AccountId, HostId, Role};

/// Who looks. Every read of posts asks for one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Viewer {
    /// Nobody we know.
    Anonymous,
    /// One of our own people.
    Account {
        /// Who.
        id: AccountId,
        /// What they may do here.
        role: Role,
    },
    /// Another server that signed its request.
    Remote {
        /// Its host.
        host: HostId,
        /// The actor that signed, where we know that account.
        account: Option<AccountId>,
        /// The server's own actor signed: it speaks for all its people.
        whole_host: bool,
    },
}

impl Viewer {
    /// The account that looks, ours or another server's.
    pub fn account(&self) -> Option<AccountId> {
        match self {
            Self::Anonymous => None,
            Self::Account { id, .. } => Some(*id),
            Self::Remote { account, .. } => *account,
        }
    }

    /// The host that looks on behalf of all its people.
    pub fn whole_host(&self) -> Option<HostId> {
        match self {
            Self::Remote { host, whole_host: true, .. } => Some(*host),
            Self::Anonymous | Self::Account { .. } | Self::Remote { .. } => None,
        }
    }

    /// The role of one of our own people.
    pub fn role(&self) -> Option<Role> {
        match self {
            Self::Account { role, .. } => Some(*role),
            Self::Anonymous | Self::Remote { .. } => None,
        }
    }
}
