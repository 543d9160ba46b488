//! The verifier for `authentication.enabled: false`: for a developer's machine only, never behind a public address.

use async_trait::async_trait;

use super::{AuthError, TokenVerifier, Verified};
use crate::domain::{ADMIN_GROUP, OPERATOR_GROUP, Principal, PrincipalKind, TenantId, Timestamp, UserId};

/// Accepts every token, the empty one included, as one fixed caller: user `local`, tenant `default`, groups `user`,
/// `admin` and `operator`. The configuration refuses `authentication.enabled: false` without `OPENCLAW_LOCAL=1`.
#[derive(Debug, Clone, Copy, Default)]
pub struct LocalVerifier;

#[async_trait]
impl TokenVerifier for LocalVerifier {
    async fn verify(&self, _token: &str) -> Result<Verified, AuthError> {
        let principal = Principal {
            kind: PrincipalKind::User,
            user: UserId::new("local"),
            tenant: TenantId::default(),
            groups: ["user", ADMIN_GROUP, OPERATOR_GROUP].map(str::to_owned).into(),
        };
        Ok(Verified { principal, until: Timestamp::from_millis(u64::MAX), origin: None })
    }

    fn needs_token(&self) -> bool {
        false
    }

    async fn check(&self) -> Result<(), AuthError> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn every_token_authenticates_as_the_local_caller() {
        let principal = LocalVerifier.verify("").await.unwrap().principal;
        assert_eq!((principal.user.as_str(), principal.tenant.as_str()), ("local", "default"));
        assert!(principal.has_group("user") && principal.has_group(ADMIN_GROUP));
        assert!(principal.has_group(OPERATOR_GROUP));
        assert_eq!(LocalVerifier.check().await, Ok(()));
    }
}
