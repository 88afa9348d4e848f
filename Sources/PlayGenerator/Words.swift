/// The stock of words that titles are made of.
///
/// A word stands in one list only, so that a title can be taken apart again and no two are equal. The
/// lengths of the lists are what `Titles` takes from a song's number: 3, 6, 6 and 4 bits.
enum Words {
  static let articles = ["", "The ", "My ", "Your ", "Our ", "This ", "One ", "Every "]

  static let adjectives =
    [""]
    + [
      "Golden", "Silent", "Broken", "Blue", "Wild", "Lonely", "Electric", "Sweet", "Crimson",
      "Lost",
      "Burning", "Hollow", "Gentle", "Distant", "Midnight", "Silver", "Restless", "Velvet",
      "Northern",
      "Frozen", "Secret", "Endless", "Faded", "Paper", "Crystal", "Hidden", "Dark", "Bitter",
      "Last",
      "First", "Perfect", "Neon", "Quiet", "Shining", "Falling", "Purple", "Tender", "Ancient",
      "Rising",
      "Crazy", "New", "Simple", "Scarlet", "Warm", "Pale", "Drifting", "Emerald",
      "Red", "Amber", "Old", "Stolen", "Howling", "Little", "Young", "Painted",
      "Rusty",
      "Sad", "Tangled", "Beautiful", "Unbroken", "Dancing", "Café", "Señorita",
    ].map { $0 + " " }

  static let nouns = [
    "Home", "River", "Summer", "Daydream", "Heart", "Night", "Road", "Rain", "Fire", "Dream",
    "Morning", "Ocean", "Shadow", "Highway", "Garden", "Mirror", "Thunder", "Angel", "Window",
    "Stranger", "Memory", "Letter", "Train", "Moonlight", "Sunset", "Whisper", "Diamond",
    "Moon",
    "Promise", "Lullaby", "Mountain", "Radio", "Bird", "Harbour", "Winter", "Sparrow",
    "Symphony",
    "Ghost", "Sea", "Star", "Balloon", "Desert", "Kingdom", "Island", "Sun",
    "Melody",
    "Riddle", "Town", "Paradise", "Machine", "Echo", "Telephone", "Horizon", "Meadow",
    "Serenade",
    "Compass", "Wave", "Firefly", "Gravity", "Postcard", "Umbrella", "Déjà Vu", "Corazón",
    "Rêverie",
  ]

  static let phrases = [
    "", " (Live)", " of Love", " Tonight", " (Demo)", " Forever", " Again", " for You", " Blues",
    " of Mine", " Avenue", " (Radio)", " Now", " in Red", " at Sea", " II",
  ]

  /// What a quoted title stands between; the last one needs no quotes and has them all the same.
  static let quotations: [(opening: String, closing: String)] = [
    ("\"", ", Part Two\""), ("\"The \"\"", "\"\" Song\""), ("\"Side B:\n", "\""),
    ("\"Oh, \"\"", "\"\",\n(Reprise)\""), ("\"", "\""),
  ]
}
