"""First names for made-up children; surnames are never needed."""

FIRST_NAMES = (
    "Ada", "Aisha", "Alma", "Amir", "Ana", "Anouk", "Arjun", "Asha", "Astrid", "Bao", "Bilal", "Bodhi", "Carmen",
    "Chidi", "Cleo", "Dalia", "Dara", "Diego", "Elif", "Eli", "Emre", "Esme", "Farah", "Felix", "Finn", "Freya",
    "Gabriel", "Gina", "Hana", "Hugo", "Ibrahim", "Ines", "Isla", "Ivan", "Jada", "Jamal", "Jin", "Jonas", "Joy",
    "Kai", "Kaya", "Keiko", "Kofi", "Lara", "Leila", "Leo", "Lina", "Luca", "Mae", "Malik", "Mateo", "Maya", "Mei",
    "Mia", "Milo", "Nadia", "Nia", "Nico", "Noor", "Nuri", "Omar", "Oskar", "Pia", "Priya", "Quinn", "Rafa", "Raj",
    "Rosa", "Ruben", "Sami", "Sara", "Sena", "Sofia", "Tariq", "Tess", "Theo", "Tomas", "Uma", "Vera", "Viktor",
    "Wanjiru", "Wei", "Yara", "Yusuf", "Zara", "Zoe",
)  # fmt: skip  # a list of names reads best as running text
