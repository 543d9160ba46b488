# What both environments in the local cloud have in common. `make deploy-local` adds what is only known then.

region = "us-east-1"

# They come and go.
deletion_protection = false
audit               = { lock_mode = "GOVERNANCE", lock_days = 1 }

secret_writer_role_arns = ["arn:aws:iam::000000000000:role/openclaw-operator"]

# The local cloud enforces none.
waf = false
