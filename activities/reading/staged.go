package reading

// Kinds of staged change.
const (
	KindNew      = "new"
	KindChanged  = "changed"
	KindLeaver   = "leaver"
	KindVanished = "vanished"
	// KindRescinded is a hire who does not come any more. Whoever has begun is a leaver, whatever the source calls it.
	KindRescinded = "rescinded"
)
