# What holds for the files, whatever the variables: one provider, and who pays for what.

mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}

run "the_files" {
  command = plan

  # A resource of a provider that nobody requires would bring it along.
  assert {
    condition = alltrue([
      for file in fileset(path.root, "**/*.tf") :
      length(regexall("(?m)^ +source += \"hashicorp/aws\"", file(file))) == length(regexall("required_providers", file(file))) &&
      alltrue([for source in flatten(regexall("(?m)^ +source += \"([^\"]*)\"", file(file))) : source == "hashicorp/aws" || startswith(source, "./")]) &&
      alltrue([for type in flatten(regexall("(?m)^(?:resource|data|ephemeral) \"([^\"]*)\"", file(file))) : startswith(type, "aws_")])
    ])
    error_message = "hashicorp/aws is the only provider"
  }
  assert {
    condition = alltrue([
      for file in fileset(path.root, "**/versions.tf") : length(regexall("(?m)^ +version += \"~> 6[.][0-9]+\"$", file(file))) == 1
    ])
    error_message = "of its version 6, and of no newer one"
  }
  assert {
    condition = alltrue([
      for module in ["api", "audit", "edge", "function", "identity", "keys", "memory", "secrets", "stream", "websocket"] : length(flatten([
        for file in fileset(path.root, "modules/${module}/*.tf") : regexall("tags = [{].*Component = (?:\"${module}\"|var[.]function)", file(file))
      ])) > 0
    ])
    error_message = "each module tags what costs money, for cost allocation"
  }
}
