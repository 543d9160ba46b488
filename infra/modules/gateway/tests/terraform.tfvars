# What every test starts from: the fewest variables with which a plan succeeds.
environment             = "test"
front_door              = "apigateway"
package_dir             = "../../tests/packages"
config_bundle           = "../../tests/configurations/flat/bundle.json"
secret_writer_role_arns = ["arn:aws:iam::111122223333:role/operators"]
identity                = { callback_urls = ["http://localhost:8400/callback"] }
