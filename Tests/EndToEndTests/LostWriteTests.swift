import Foundation
import Glibc
import TestSupport
import Testing

extension Disasters {
  /// The power goes, and of what was not synced any part may be lost: also what no file system at hand would lose.
  ///
  /// In the manner of ALICE (Pillai et al., "All File Systems Are Not Created Equal", OSDI 2014): all that a run
  /// does to files is recorded. A loss of power is then a place in the record, and a choice among the steps before it that
  /// no later sync of their file or folder holds. Each such disk is written out; there, what the manifest calls ended must
  /// have its files, whole, and after a start every file must count once.
  @Suite struct LostWrites {
    private struct Record: Sendable {
      let before: RecordedDisk
      let steps: [RecordedStep]
    }

    /// A loss of power: how many steps had been made, and which of them are lost.
    private struct Loss: Sendable, CustomStringConvertible {
      let place: Int
      let lost: Set<Int>

      var description: String { "after \(place) steps, without \(lost.sorted())" }
    }

    @Test(arguments: [Scenario.small, .rejected, .failing, .duplicate])
    func `whatever is lost of what was not synced, every file counts once`(scenario: Scenario)
      async throws
    {
      let stage = try await Stage(scenario)
      let record = try await record(stage)
      var dice = SeededGenerator(seed: Soak.seed)
      let losses = Self.losses(of: record.steps, Soak.count(24, 1500), using: &dice)
      Soak.announce("\(scenario.title): \(losses.count) losses in \(record.steps.count) steps")
      let checked = try await Disasters.several(of: losses) { loss in
        try await check(loss, of: record, stage)
        return true
      }
      #expect(checked == losses.count)
    }

    /// Its sender has no other copy once it was answered, and that was not before the row was durable.
    @Test func `whatever is lost of what was not synced, an upload counts whole or is not there`()
      async throws
    {
      let template = try Sandbox(root: Sandbox.memory)
      try template.drop("before.csv", Sandbox.plays(7, song: "Before"))
      #expect(try await template.once().end == .exit(0))
      let without = try await EndState(of: template)
      let sandbox = try Sandbox(copyOf: template, root: Sandbox.memory)
      let record = try await record(sandbox) { environment in
        let (daemon, door) = try await sandbox.openDoor(environment: environment)
        #expect(try await door.put("a.csv", Data(Sandbox.plays(5).utf8)).status == 202)
        try await sandbox.awaitAllFinished(2)
        #expect(try await daemon.stop() == .exit(0))
      }
      let with = try await EndState(of: sandbox)
      var dice = SeededGenerator(seed: Soak.seed)
      let losses = Self.losses(of: record.steps, Soak.count(24, 1500), using: &dice)
      Soak.announce("an upload: \(losses.count) losses in \(record.steps.count) steps")
      let checked = try await Disasters.several(of: losses) { loss in
        let copy = try disk(after: loss, of: record)
        #expect(try await copy.once().end == .exit(0), "\(loss)")
        let state = try await EndState(of: copy)
        let missing = state == without ? [] : Self.differences(of: state, from: with)
        #expect(missing == [], "\(loss): \(missing.joined(separator: "\n"))")
        return true
      }
      #expect(checked == losses.count)
    }

    /// All but the name of the original: that is given once the row is durable, and not synced, so that the file may still have
    /// the one under which it came.
    private static func differences(of state: EndState, from reference: EndState) -> [String] {
      let all = state.differences(from: reference)
      let named = all.map {
        $0.replacing("has archive: /.partial of ", with: "lacks archive: /a.csv of ")
      }
      return zip(all, named).filter { one in named.count { $0 == one.1 } == 1 }.map(\.0)
    }

    /// All that a failed sync should have held is lost for ever, unless it was done again.
    ///
    /// One sync of each run fails, another one in each; of many files at once not every one is tried each time.
    @Test(arguments: [Scenario.small, .rejected, .failing, .duplicate, .burst])
    func `what a failed sync has lost stays lost, and every file counts once`(scenario: Scenario)
      async throws
    {
      let stage = try await Stage(scenario)
      let counting = Fault(action: .count, calls: [.sync], number: 0)
      let syncs = try await stage.set().once(scenario.flags, meeting: counting).report.calls
      let stride = scenario.isLong ? Soak.count(7, 1) : 1
      let first = Int(Soak.seed % UInt64(stride)) + 1
      Soak.announce("\(scenario.title): of \(syncs) syncs one fails, from \(first) by \(stride)")
      let numbers = Array(Swift.stride(from: first, through: syncs, by: stride))
      let failed = try await Disasters.several(of: numbers) { number in
        let record = try await record(
          stage, meeting: Fault(action: .fail, calls: [.sync], number: number, code: EIO))
        let places = record.steps.count
        let loss = Loss(
          place: places, lost: Set(Self.unheld(of: record.steps, before: places)))
        try await check(loss, of: record, stage, "sync \(number) fails, ")
        return record.steps.contains(where: \.isFailure)
      }
      // How many syncs are shared, and so how many there are, is chance where there are many files.
      #expect(scenario.isLong ? failed > 0 : failed == syncs)
    }

    private func record(_ stage: Stage, meeting fault: Fault? = nil) async throws -> Record {
      let sandbox = try stage.set()
      return try await record(sandbox, meeting: fault) { environment in
        let outcome = try await sandbox.once(stage.scenario.flags, environment: environment)
        // With a fault it may also end without all of it done.
        let ends: [Int32] = [stage.scenario.exit] + (fault == nil ? [] : [1, 2])
        #expect(ends.map { .exit($0) }.contains(outcome.end), "\(outcome.errorText)")
      }
    }

    /// Records what a daemon, which has to be given the environment, does to the sandbox.
    private func record(
      _ sandbox: Sandbox, meeting fault: Fault? = nil,
      _ body: ([String: String]) async throws -> Void
    ) async throws -> Record {
      let before = try RecordedDisk(of: sandbox)
      let path = sandbox.desk + "/record"
      var environment = (fault ?? Fault(action: .count, calls: [.sync], number: 0))
        .environment(report: sandbox.desk + "/report")
      environment["FAULT_RECORD"] = path
      try await body(environment)
      let steps = try RecordedStep.read(path)
      // With nothing lost the steps lead to what is there: or the record is not all of it.
      var after = before
      for step in steps { after.apply(step) }
      let copy = try Sandbox(root: Sandbox.memory)
      try after.write(to: copy)
      #expect(try await EndState(of: copy) == EndState(of: sandbox))
      return Record(before: before, steps: steps)
    }

    /// All lost or none at each place, or at some; and any part at places that the dice choose.
    private static func losses(
      of steps: [RecordedStep], _ count: Int, using dice: inout SeededGenerator
    ) -> [Loss] {
      var places = Array(1...steps.count)
      if !Soak.isOn { places = Array(places.shuffled(using: &dice).prefix(count / 2)) }
      var losses = places.map { Loss(place: $0, lost: Set(unheld(of: steps, before: $0))) }
      if Soak.isOn { losses += places.map { Loss(place: $0, lost: []) } }
      for _ in 0..<count / 2 {
        let place = Int.random(in: 1...steps.count, using: &dice)
        let unheld = unheld(of: steps, before: place)
        let one = unheld.randomElement(using: &dice)
        let lost =
          switch Int.random(in: 0..<3, using: &dice) {
          case 0: unheld.filter { $0 == one }
          case 1: unheld.filter { $0 != one }
          default: unheld.filter { _ in Bool.random(using: &dice) }
          }
        losses.append(Loss(place: place, lost: Set(lost)))
      }
      return losses
    }

    /// The steps that nothing holds: of each, some file or folder was not synced between it and the place.
    ///
    /// What a sync could not write is dropped by the kernel, and a later sync of the same file or folder, which succeeds, does not
    /// hold it (Rebello et al., "Can Applications Recover from fsync Failures?", ATC 2020).
    private static func unheld(of steps: [RecordedStep], before place: Int) -> [Int] {
      var synced: Set<UInt64> = []
      var dropped: Set<UInt64> = []
      var isAllSynced = false
      var unheld: [Int] = []
      for index in (0..<place).reversed() {
        switch steps[index] {
        case .sync(let inode): synced.insert(inode)
        case .syncAll: (isAllSynced, dropped) = (true, [])
        case .failedSync(let inode):
          synced.remove(inode)
          dropped.insert(inode)
        case .failedSyncAll: (isAllSynced, synced) = (false, [])
        default:
          let isHeld = steps[index].holders.allSatisfy {
            synced.contains($0) || (isAllSynced && !dropped.contains($0))
          }
          if !isHeld { unheld.append(index) }
        }
      }
      return unheld
    }

    /// What is left, in a sandbox of its own.
    private func disk(after loss: Loss, of record: Record) throws -> Sandbox {
      var disk = record.before
      for (index, step) in record.steps.prefix(loss.place).enumerated()
      where !loss.lost.contains(index) {
        disk.apply(step)
      }
      let sandbox = try Sandbox(root: Sandbox.memory)
      try disk.write(to: sandbox)
      return sandbox
    }

    private func check(
      _ loss: Loss, of record: Record, _ stage: Stage, _ fault: String = ""
    ) async throws {
      let sandbox = try disk(after: loss, of: record)
      let (_, complaints) = try await stage.complaints(about: sandbox)
      #expect(complaints == [], "\(stage.scenario.title), \(fault)\(loss): \(complaints)")
      let differences = try await stage.differencesAfterRestart(sandbox)
      #expect(
        differences == [],
        "\(stage.scenario.title), \(fault)\(loss): \(differences.joined(separator: "\n"))")
    }
  }
}
