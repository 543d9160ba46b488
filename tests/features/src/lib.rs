//! Nothing: this package's dependencies are all there is to it.
