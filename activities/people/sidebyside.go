package people

// LedgerPage is how many rows of a reading are written at a time.
const LedgerPage = 300
