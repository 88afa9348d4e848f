import TestSupport
import Testing

@testable import TaskStore

@Suite struct PlacesTests {
  @Test func `a reader learns where the daemon last worked`() throws {
    let fixture = try StoreFixture()
    #expect(try fixture.store.places().isEmpty)
    try fixture.store.setPlaces([.inbox: "/one/inbox", .outbox: "/one/outbox"])
    try fixture.store.setPlaces([.inbox: "/two/inbox"])
    let reader = try TaskReader.open(directory: fixture.directory.path)
    #expect(try reader.places() == [.inbox: "/two/inbox", .outbox: "/one/outbox"])
  }
}
