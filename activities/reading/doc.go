// Package reading reads HR records, and says what of them is not to be believed.
package reading

// Kinds of doubt.
const (
	DoubtMissing    = "missing"    // required columns are empty in every record
	DoubtLost       = "lost"       // a part of the source is gone although the records are there
	DoubtShrunk     = "shrunk"     // records are gone
	DoubtGrown      = "grown"      // more people came than join at a time
	DoubtRenumbered = "renumbered" // people came back under other employee ids
	DoubtRenamed    = "renamed"    // employee ids carry other people
	DoubtBlank      = "blank"      // a column lost its values
	DoubtMoved      = "moved"      // a column's values stand in other records
	DoubtUnclear    = "unclear"    // whether people work here cannot be told any more
	DoubtGarbled    = "garbled"    // texts came in a broken encoding
	DoubtRespelled  = "respelled"  // many names are written in another way
)
