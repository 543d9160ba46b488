use serde_json::json;

use super::*;

const ENDPOINT: &str = "https://api.test/live/";

fn path(segments: &[&str]) -> Result<String, AwsError> {
    AwsRequest::get(segments).url(ENDPOINT).map(|url| url.path().to_owned())
}

#[test]
fn path_segments_are_encoded() {
    for (segments, expected) in [
        (&["@connections", "L0SM9cOFvHcCIhw="][..], "/live/@connections/L0SM9cOFvHcCIhw%3D"),
        (&["functions", "run:live"], "/live/functions/run%3Alive"),
        (&["a/b", "c%2Fd", "e f", "ü", "g-._~h"], "/live/a%2Fb/c%252Fd/e%20f/%C3%BC/g-._~h"),
    ] {
        assert_eq!(path(segments).as_deref(), Ok(expected));
    }
}

#[test]
fn a_segment_that_would_reach_another_resource_is_refused() {
    for segments in [&["a", ".."][..], &["a", "."], &["a", "..", "b"], &["a", ""], &["", "a"], &["a", "", "b"]] {
        assert_eq!(path(segments), Err(AwsError::Unbuildable), "{segments:?}");
    }
}

#[test]
fn the_query_is_encoded() {
    let request = AwsRequest::get(&["list"]).with_query("nextToken", "a+b/c= &@").with_query("max", "2");
    assert_eq!(request.url(ENDPOINT).unwrap().query(), Some("nextToken=a%2Bb%2Fc%3D%20%26%40&max=2"));
}

#[test]
fn an_operation_of_aws_json_is_posted_to_the_root() {
    let request = AwsRequest::json_1_1("AmazonSSM.GetParameters", &json!({ "Names": ["/a"] })).unwrap();
    assert_eq!(request.url("https://ssm.test").unwrap().as_str(), "https://ssm.test/");
    assert_eq!(request.method, Method::POST);
    assert_eq!(request.headers["x-amz-target"], "AmazonSSM.GetParameters");
    assert_eq!(request.headers["content-type"], "application/x-amz-json-1.1");
    assert_eq!(request.body, r#"{"Names":["/a"]}"#);
}

#[test]
fn an_endpoint_must_be_an_address() {
    for endpoint in ["", "api.test", "/live", "data:text,x"] {
        assert_eq!(AwsRequest::get(&["a"]).url(endpoint), Err(AwsError::Unbuildable), "{endpoint}");
    }
}

#[test]
fn an_answer_of_another_form_is_malformed() {
    let read = |body: &'static str| AwsResponse { headers: HeaderMap::new(), body: body.into() }.json::<Vec<u8>>();
    assert_eq!(read("[1]"), Ok(vec![1]));
    assert_eq!(read("{}"), Err(AwsError::Malformed));
    assert_eq!(read(""), Err(AwsError::Malformed));
}
