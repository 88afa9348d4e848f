/// The version of both programs, and of the Debian package (`Packaging/debian/version`).
package enum ProductVersion {
  package static let text = "0.1.0"
}
