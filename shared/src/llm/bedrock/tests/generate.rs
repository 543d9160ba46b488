use crate::domain::{FinishReason, Usage};

use super::*;

async fn generate(body: Value) -> Result<Generation, LlmError> {
    let server = serve(ResponseTemplate::new(200).set_body_json(body)).await;
    client(&server.uri()).generate(hello(), None, max(10)).await
}

async fn sent(client: impl Fn(&str) -> BedrockClient, prompt: Prompt) -> Request {
    let server =
        serve(ResponseTemplate::new(200).set_body_json(response(&json!([{ "text": "ok" }]), "end_turn"))).await;
    client(&server.uri()).generate(prompt, Some(0.5.try_into().unwrap()), max(256)).await.unwrap();
    server.received_requests().await.unwrap().remove(0)
}

#[tokio::test]
async fn a_request_matches_the_api() {
    let request = sent(client, full_prompt()).await;
    assert_eq!(request.url.path(), "/model/anthropic.claude-3-sonnet-20240229-v1%3A0/converse");
    let authorization = request.headers["authorization"].to_str().unwrap();
    assert!(authorization.starts_with("AWS4-HMAC-SHA256 Credential=test/"), "{authorization}");
    let schema = json!({ "type": "object", "properties": { "city": { "type": "string" } } });
    let result = |id: &str, text: &str| json!({ "toolUseId": id, "content": [{ "text": text }] });
    let mut failed = result("tooluse_2", "no city");
    failed["status"] = json!("error");
    assert_eq!(
        request.body_json::<Value>().unwrap(),
        json!({
            "system": [{ "text": "Be brief." }],
            "messages": [
                { "role": "user", "content": [{ "text": "Weather?" }] },
                { "role": "assistant", "content": [
                    { "toolUse": { "toolUseId": "tooluse_1", "name": "weather", "input": { "city": "Oslo", "days": 2 } } },
                    { "toolUse": { "toolUseId": "tooluse_2", "name": "weather",
                        "input": { "invalid_arguments": "{\"city\": " } } },
                ] },
                { "role": "user", "content": [
                    { "toolResult": result("tooluse_1", "rain") },
                    { "toolResult": failed },
                    { "text": "And?" },
                ] },
            ],
            "inferenceConfig": { "maxTokens": 256, "temperature": 0.5 },
            "toolConfig": { "tools": [{ "toolSpec": {
                "name": "weather", "description": "Reports the weather.", "inputSchema": { "json": schema },
            } }] },
        })
    );
}

#[tokio::test]
async fn called_tools_are_named_even_if_none_is_on_offer() {
    let request = sent(client, Prompt { tools: Vec::new(), ..full_prompt() }).await;
    let body: Value = request.body_json().unwrap();
    assert_eq!(body["toolConfig"]["tools"].as_array().unwrap().len(), 1);
    assert_eq!(body["toolConfig"]["tools"][0]["toolSpec"]["name"], "weather");
    let plain: Value = sent(client, hello()).await.body_json().unwrap();
    assert_eq!(plain.get("toolConfig"), None);
    assert_eq!(plain.get("system"), None);
}

#[tokio::test]
async fn an_arn_is_one_segment_of_the_path() {
    let arn = "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/a1b2c3";
    let request = sent(|uri| client_with(uri, arn, &[]), hello()).await;
    let path = request.url.path();
    assert!(path.starts_with("/model/arn%3Aaws%3Abedrock%3A") && path.ends_with("%2Fa1b2c3/converse"), "{path}");
}

#[tokio::test]
async fn text_and_usage_with_cached_tokens_are_converted() {
    let mut body = response(&json!([{ "text": "Hel" }, { "text": "lo" }]), "end_turn");
    body["usage"]["cacheReadInputTokens"] = json!(100);
    body["usage"]["cacheWriteInputTokens"] = json!(20);
    let generation = generate(body).await.unwrap();
    assert_eq!(generation.message, Message::text(Role::Assistant, "Hello"));
    assert_eq!(generation.finish, FinishReason::EndTurn);
    assert_eq!(generation.usage, Usage { input_tokens: 150, output_tokens: 628 });
    assert_eq!(generation.served_by.model.as_str(), MODEL);
}

#[tokio::test]
async fn tool_calls_are_converted_and_other_parts_skipped() {
    let content = json!([
        { "reasoningContent": { "reasoningText": { "text": "hm" } } },
        { "text": "Let me see." },
        { "toolUse": { "toolUseId": "tooluse_1", "name": "weather", "input": { "city": "Oslo", "days": 2 } } },
        { "somethingNew": {} },
    ]);
    let generation = generate(response(&content, "tool_use")).await.unwrap();
    assert_eq!(
        generation.message.content,
        [Content::Text("Let me see.".to_owned()), Content::ToolCall(weather_call())]
    );
    assert_eq!(generation.finish, FinishReason::ToolCalls);
}

#[tokio::test]
async fn every_stop_reason_is_converted() {
    for (reason, finish) in [
        ("end_turn", FinishReason::EndTurn),
        ("tool_use", FinishReason::ToolCalls),
        ("max_tokens", FinishReason::MaxTokens),
        ("model_context_window_exceeded", FinishReason::MaxTokens),
        ("stop_sequence", FinishReason::StopSequence),
        ("guardrail_intervened", FinishReason::Policy),
        ("content_filtered", FinishReason::Policy),
        ("something_new", FinishReason::EndTurn),
    ] {
        let generation = generate(response(&json!([{ "text": "x" }]), reason)).await.unwrap();
        assert_eq!(generation.finish, finish, "{reason}");
    }
    for reason in ["malformed_model_output", "malformed_tool_use"] {
        let Err(LlmError::Unusable { usage, .. }) = generate(response(&json!([]), reason)).await else {
            panic!("{reason}")
        };
        assert!(usage.output_tokens > 0, "billed all the same");
    }
}

#[tokio::test]
async fn models_on_demand_and_profiles_are_listed() {
    let server = MockServer::start().await;
    let models = json!({ "modelSummaries": [
        { "modelArn": "arn:aws:bedrock:us-east-1::foundation-model/a.chat-v1:0", "modelId": "a.chat-v1:0",
          "modelName": "Chat", "inputModalities": ["TEXT", "IMAGE"], "outputModalities": ["TEXT"],
          "responseStreamingSupported": true, "inferenceTypesSupported": ["ON_DEMAND"] },
        { "modelArn": "arn:aws:bedrock:us-east-1::foundation-model/a.big-v1:0", "modelId": "a.big-v1:0",
          "outputModalities": ["TEXT"], "responseStreamingSupported": true,
          "inferenceTypesSupported": ["INFERENCE_PROFILE"] },
        { "modelArn": "arn:aws:bedrock:us-east-1::foundation-model/a.embed-v1", "modelId": "a.embed-v1",
          "outputModalities": ["EMBEDDING"] },
    ] });
    let profiles = json!({ "inferenceProfileSummaries": [
        { "inferenceProfileName": "US Big", "inferenceProfileId": "us.a.big-v1:0", "status": "ACTIVE",
          "type": "SYSTEM_DEFINED", "inferenceProfileArn": "arn:aws:bedrock:us-east-1:1:inference-profile/us.a.big-v1:0",
          "models": [{ "modelArn": "arn:aws:bedrock:us-west-2::foundation-model/a.big-v1:0" }] },
    ] });
    for (path, body) in [("/foundation-models", models), ("/inference-profiles", profiles)] {
        Mock::given(wiremock::matchers::path(path))
            .respond_with(ResponseTemplate::new(200).set_body_json(body))
            .mount(&server)
            .await;
    }
    let listed = client(&server.uri()).list_models().await.unwrap();
    let facts: Vec<_> = listed.iter().map(|model| (model.id.as_str(), model.capabilities.join(" "))).collect();
    let expected = [("a.chat-v1:0", "streaming vision"), ("a.embed-v1", "embedding"), ("us.a.big-v1:0", "streaming")];
    assert_eq!(facts, expected.map(|(id, capabilities)| (id, capabilities.to_owned())));
}

#[tokio::test]
async fn a_list_that_is_null_is_empty() {
    let model = json!({ "modelArn": "arn:aws:bedrock:us-east-1::foundation-model/a.chat-v1:0", "modelId": "a.chat-v1:0",
        "inputModalities": null, "outputModalities": null, "inferenceTypesSupported": null });
    let profile = json!({ "inferenceProfileName": "One", "inferenceProfileId": "us.one", "models": null });
    for (models, profiles, expected) in
        [(json!([model]), json!([profile]), &["a.chat-v1:0", "us.one"][..]), (json!(null), json!(null), &[])]
    {
        let server = MockServer::start().await;
        for (path, body) in [
            ("/foundation-models", json!({ "modelSummaries": models })),
            ("/inference-profiles", json!({ "inferenceProfileSummaries": profiles, "nextToken": null })),
        ] {
            let respond = Mock::given(wiremock::matchers::path(path));
            respond.respond_with(ResponseTemplate::new(200).set_body_json(body)).mount(&server).await;
        }
        let listed = client(&server.uri()).list_models().await.unwrap();
        assert_eq!(listed.iter().map(|model| model.id.as_str()).collect::<Vec<_>>(), expected);
    }
}

fn profile_page(id: &str, next: Option<&str>) -> ResponseTemplate {
    let profile = json!({ "inferenceProfileName": id, "inferenceProfileId": id, "models": [] });
    ResponseTemplate::new(200).set_body_json(json!({ "inferenceProfileSummaries": [profile], "nextToken": next }))
}

#[tokio::test]
async fn every_page_of_profiles_is_read() {
    let server = MockServer::start().await;
    let at = |path: &str| Mock::given(wiremock::matchers::path(path.to_owned()));
    let none = ResponseTemplate::new(200).set_body_json(json!({ "modelSummaries": [] }));
    at("/foundation-models").respond_with(none).mount(&server).await;
    let first = at("/inference-profiles").and(wiremock::matchers::query_param_is_missing("nextToken"));
    first.respond_with(profile_page("us.one", Some("a+b="))).mount(&server).await;
    let second = at("/inference-profiles").and(wiremock::matchers::query_param("nextToken", "a+b="));
    second.respond_with(profile_page("us.two", None)).mount(&server).await;
    let listed = client(&server.uri()).list_models().await.unwrap();
    assert_eq!(listed.iter().map(|model| model.id.as_str()).collect::<Vec<_>>(), ["us.one", "us.two"]);
}

#[tokio::test]
async fn a_list_of_profiles_that_does_not_end_is_malformed() {
    let server = MockServer::start().await;
    let none = ResponseTemplate::new(200).set_body_json(json!({ "modelSummaries": [] }));
    Mock::given(wiremock::matchers::path("/foundation-models")).respond_with(none).mount(&server).await;
    let endless = Mock::given(wiremock::matchers::path("/inference-profiles"));
    endless.respond_with(profile_page("us.one", Some("again"))).mount(&server).await;
    let error = client(&server.uri()).list_models().await.unwrap_err();
    assert!(matches!(error, LlmError::Malformed(_)), "{error:?}");
}

#[tokio::test]
async fn a_guardrail_goes_with_every_request() {
    let guarded = |uri: &str| {
        let guardrail = Guardrail { id: "gr1a2b3c".to_owned(), version: "3".to_owned() };
        client(uri).with_guardrail(Some(guardrail))
    };
    let plain: Value = sent(client, hello()).await.body_json().unwrap();
    assert_eq!(plain.get("guardrailConfig"), None);
    let whole: Value = sent(guarded, hello()).await.body_json().unwrap();
    assert_eq!(whole["guardrailConfig"]["guardrailIdentifier"], "gr1a2b3c");
    assert_eq!(whole["guardrailConfig"]["guardrailVersion"], "3");
    let server = serve(ResponseTemplate::new(400)).await;
    let request = GenerationRequest { prompt: hello(), temperature: None, max_tokens: max(10) };
    let _refused = guarded(&server.uri()).stream(&request).await;
    let streamed: Value = server.received_requests().await.unwrap().remove(0).body_json().unwrap();
    assert_eq!(streamed["guardrailConfig"]["guardrailIdentifier"], "gr1a2b3c");
    assert_eq!(streamed["guardrailConfig"]["streamProcessingMode"], "sync", "text is checked before it is sent");
}
