use super::*;

fn check(id: &str) -> Result<(), InvalidModelId> {
    validate(&ModelId::new(id))
}

#[test]
fn resources_that_serve_conversations_are_accepted() {
    for id in [
        "anthropic.claude-3-sonnet-20240229-v1:0",
        "us.anthropic.claude-sonnet-4-5-20250929-v1:0",
        "global.amazon.nova-2-lite-v1:0",
        "my-provisioned-model",
        "arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-3-haiku-20240307-v1:0",
        "arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.anthropic.claude-3-5-sonnet-20240620-v1:0",
        "arn:aws:bedrock:eu-central-1:123456789012:application-inference-profile/a1b2c3d4e5f6",
        "arn:aws:bedrock:us-west-2:123456789012:custom-model-deployment/abcdef123456",
        "arn:aws:bedrock:us-west-2:123456789012:provisioned-model/abcdef123456",
        "arn:aws:bedrock:us-west-2:123456789012:imported-model/abcdef123456",
        "arn:aws:bedrock:us-east-1:123456789012:prompt-router/abcdef123456",
        "arn:aws:bedrock:us-east-1:123456789012:default-prompt-router/anthropic.claude:1",
        "arn:aws-us-gov:bedrock:us-gov-west-1::foundation-model/amazon.titan-text-lite-v1",
        "arn:aws-cn:bedrock:cn-north-1:123456789012:provisioned-model/abcdef123456",
        "arn:aws:sagemaker:us-east-1:123456789012:endpoint/my-endpoint",
    ] {
        assert_eq!(check(id), Ok(()), "{id}");
    }
}

#[test]
fn other_ids_are_refused_with_their_reason() {
    use InvalidModelId::{ArnSyntax, CustomModel, FoundationModelAccount, Kind, StoredPrompt, Syntax};
    for (id, reason) in [
        ("", Syntax),
        ("a model", Syntax),
        ("../../etc", Syntax),
        ("..", Syntax),
        ("a/b", Syntax),
        ("arn:", ArnSyntax),
        ("arn:aws:bedrock:us-east-1:123456789012", ArnSyntax),
        ("arn:aws:bedrock:us-east-1:123456789012:provisioned-model", ArnSyntax),
        ("arn:aws:bedrock:us-east-1:123:provisioned-model/abcdef123456", ArnSyntax),
        ("arn:aws:bedrock::123456789012:provisioned-model/abcdef123456", ArnSyntax),
        ("arn:amazon:bedrock:us-east-1:123456789012:provisioned-model/abcdef123456", ArnSyntax),
        ("arn:aws:bedrock:us-east-1:123456789012:provisioned-model/", ArnSyntax),
        ("arn:aws:bedrock:us-east-1:123456789012:provisioned-model/a/b", ArnSyntax),
        ("arn:aws:bedrock:us-east-1:123456789012:foundation-model/amazon.nova-lite-v1:0", FoundationModelAccount),
        ("arn:aws:bedrock:us-east-1:123456789012:custom-model/amazon.nova-lite-v1:0/abcdef123456", CustomModel),
        ("arn:aws:bedrock:us-east-1:123456789012:prompt/PROMPT1234:1", StoredPrompt),
        ("arn:aws:bedrock:us-east-1:123456789012:agent/ABCDEFGHIJ", Kind),
        ("arn:aws:lambda:us-east-1:123456789012:function/x", Kind),
    ] {
        assert_eq!(check(id), Err(reason), "{id}");
    }
}

#[test]
fn tokens_are_counted_for_claude_under_the_models_own_id() {
    const CLAUDE: &str = "anthropic.claude-sonnet-4-5-20250929-v1:0";
    for (id, expected) in [
        (CLAUDE.to_owned(), Some(CLAUDE)),
        (format!("eu.{CLAUDE}"), Some(CLAUDE)),
        (format!("us-gov.{CLAUDE}"), Some(CLAUDE)),
        (format!("arn:aws:bedrock:eu-central-1::foundation-model/{CLAUDE}"), Some(CLAUDE)),
        (format!("arn:aws:bedrock:eu-central-1:123456789012:inference-profile/eu.{CLAUDE}"), Some(CLAUDE)),
        ("amazon.nova-lite-v1:0".to_owned(), None),
        ("arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abcdef123456".to_owned(), None),
    ] {
        assert_eq!(counting_model(&ModelId::new(id.clone())), expected, "{id}");
    }
}

#[test]
fn the_refusal_of_a_custom_model_says_what_to_use() {
    let text = InvalidModelId::CustomModel.to_string();
    assert!(text.contains("custom-model-deployment") && text.contains("provisioned"), "{text}");
}
