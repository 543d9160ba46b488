//! Amazon Resource Names, and the names within them.

/// The parts of an ARN (AWS General Reference, "Amazon Resource Names").
pub(super) struct Arn<'a> {
    /// The service, such as `dynamodb`.
    pub(super) service: &'a str,
    /// What the service names by itself, such as `table/orders`.
    pub(super) resource: &'a str,
}

impl<'a> Arn<'a> {
    /// Reads a text; `None` if it is not the ARN of something in a region and an account.
    pub(super) fn parse(text: &'a str) -> Option<Self> {
        let mut parts = text.splitn(6, ':');
        let ("arn", partition, service) = (parts.next()?, parts.next()?, parts.next()?) else { return None };
        let (region, account, resource) = (parts.next()?, parts.next()?, parts.next()?);
        let is_name =
            |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        let is_account = account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit());
        let is_known = is_account && !resource.is_empty() && [partition, service, region].into_iter().all(is_name);
        is_known.then_some(Self { service, resource })
    }
}

/// Returns the name of a table that is named by its name or its ARN.
pub(super) fn table_name(table: &str) -> &str {
    Arn::parse(table).and_then(|arn| arn.resource.strip_prefix("table/")).unwrap_or(table)
}

/// Returns the name of a function that is named by its name or its ARN, whole or in part, with an alias or without one.
pub(super) fn function_name(function: &str) -> &str {
    let parts: Vec<&str> = function.split(':').collect();
    let name = match parts.iter().position(|part| *part == "function") {
        // Such as `arn:aws:lambda:eu-central-1:123456789012:function:name:live` or `123456789012:function:name`.
        Some(at) if at > 0 => parts.get(at + 1),
        _ => parts.first(),
    };
    name.copied().unwrap_or(function)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arn_is_read() {
        let arn = Arn::parse("arn:aws-cn:rds:cn-north-1:123456789012:cluster:orders").unwrap();
        assert_eq!((arn.service, arn.resource), ("rds", "cluster:orders"));
        for bad in [
            "orders",
            "arn:aws:rds:eu-central-1:123456789012",
            "arn:aws:rds:eu-central-1:123456789012:",
            "arn:aws:rds::123456789012:cluster:orders",
            "arn:aws:rds:eu-central-1:12345:cluster:orders",
            "arn:aws:rds:eu central:123456789012:cluster:orders",
            "ARN:aws:rds:eu-central-1:123456789012:cluster:orders",
        ] {
            assert!(Arn::parse(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn the_name_of_a_table_or_function_is_found() {
        assert_eq!(table_name("orders"), "orders");
        assert_eq!(table_name("arn:aws:dynamodb:eu-central-1:123456789012:table/orders"), "orders");
        for text in [
            "run",
            "run:live",
            "123456789012:function:run",
            "arn:aws:lambda:eu-central-1:123456789012:function:run",
            "arn:aws:lambda:eu-central-1:123456789012:function:run:live",
        ] {
            assert_eq!(function_name(text), "run", "{text}");
        }
        assert_eq!(function_name("function:live"), "function", "a function may have this name");
    }
}
