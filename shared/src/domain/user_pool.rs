//! The id of a Cognito user pool, and the addresses that follow from it.
//!
//! Source: Amazon Cognito Developer Guide, "Verifying JSON web tokens".

/// Returns the region of a pool id such as `us-east-1_AbCdEf`, or `None` if the text is not a pool id.
#[must_use]
pub fn region_of_pool(user_pool_id: &str) -> Option<&str> {
    let (region, name) = user_pool_id.split_once('_')?;
    let is_region = region.contains('-')
        && region.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    let is_name = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric());
    (is_region && is_name).then_some(region)
}

/// Returns the issuer of a pool's tokens.
#[must_use]
pub fn issuer_of_pool(region: &str, user_pool_id: &str) -> String {
    format!("https://cognito-idp.{region}.amazonaws.com/{user_pool_id}")
}

/// Returns the address at which an issuer publishes its key set.
#[must_use]
pub fn key_set_of_issuer(issuer: &str) -> String {
    format!("{issuer}/.well-known/jwks.json")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_follow_from_the_pool() {
        assert_eq!(region_of_pool("us-east-1_AbC123"), Some("us-east-1"));
        assert_eq!(region_of_pool("us-gov-west-1_x"), Some("us-gov-west-1"));
        for not_a_pool in [
            "",
            "us-east-1",
            "us-east-1_",
            "_abc",
            "US-EAST-1_a",
            "evil.example/x-1_a",
            "us-east-1_a/b",
            "us-east-1_a_b",
        ] {
            assert_eq!(region_of_pool(not_a_pool), None, "{not_a_pool}");
        }
        let issuer = issuer_of_pool("us-east-1", "us-east-1_AbC123");
        assert_eq!(issuer, "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_AbC123");
        assert_eq!(key_set_of_issuer(&issuer), format!("{issuer}/.well-known/jwks.json"));
    }
}
