# What every test starts from: the least that plans.
region                  = "eu-central-1"
environment             = "test"
front_door              = "apigateway"
package_dir             = "tests/packages"
config_file             = "tests/configurations/flat.yaml"
secret_writer_role_arns = ["arn:aws:iam::111122223333:role/operators"]
identity                = { callback_urls = ["http://localhost:8400/callback"] }
