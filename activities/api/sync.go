package api

// CodeSourceQuarantined marks the question about a source that is quarantined, or not wholly.
const CodeSourceQuarantined = "source_quarantined"

// SyncInput names the HR source to compare with the ledger.
type SyncInput struct {
	Source string `json:"source"`
	// Batch identifies the comparison; it is the run id of the first attempt.
	Batch string `json:"batch"`
	// Accept lets a report through that would be quarantined, because By said so. Accepted stands for what they were shown:
	// another report is asked about anew.
	Accept   bool   `json:"accept,omitempty"`
	Accepted string `json:"accepted,omitempty"`
	By       string `json:"by,omitempty"`
}

// SyncReport is what a comparison found. People stay in the ledger; only counts travel.
type SyncReport struct {
	Seen     int  `json:"seen"`
	Baseline bool `json:"baseline,omitempty"`
	Changed  int  `json:"changed"`
	Leavers  int  `json:"leavers"`
	Vanished int  `json:"vanished"`
	// LeftBefore are people who had left long before the first reading. They are looked at when an operator says so.
	LeftBefore int `json:"left_before,omitempty"`
	// Planned are leavers whose departure is due and who are left as they are, because offboarding only observes.
	Planned int `json:"planned,omitempty"`
	// SetAside are records that could not be read or used, SetAsideLeft those of them that say that somebody has left, and
	// SetAsideWhy the reasons with their counts. The others went on, and these are tried again at the next poll.
	SetAside     int    `json:"set_aside,omitempty"`
	SetAsideLeft int    `json:"set_aside_left,omitempty"`
	SetAsideWhy  string `json:"set_aside_why,omitempty"`
	// Cursor is where the next comparison goes on, once this one is settled.
	Cursor string `json:"cursor,omitempty"`
	// Quarantine is why the report was quarantined, or not wholly; empty if it was. Doubt stands for it in an answer.
	Quarantine string `json:"quarantine,omitempty"`
	Doubt      string `json:"doubt,omitempty"`
	// Confirmed is the batch of those whose own record, read by itself, says what the report says: that they have to be
	// out. Unconfirmed counts whose record could not be read so, or not yet.
	Confirmed   string `json:"confirmed,omitempty"`
	Unconfirmed int    `json:"unconfirmed,omitempty"`
	// WentOn counts those of the batch who have only changed, which what is wrong with the report cannot have made up.
	WentOn int `json:"went_on,omitempty"`
}

// BatchInput names a staged batch of changes.
type BatchInput struct {
	Source string `json:"source"`
	Batch  string `json:"batch"`
	// Cursor moves the source on when the batch is settled.
	Cursor string `json:"cursor,omitempty"`
	// Override and By let a held batch go beyond the budget.
	Override bool   `json:"override,omitempty"`
	By       string `json:"by,omitempty"`
	// Partial says that the batch is not all that the source has to say, so that the source is in step no more than before.
	Partial bool `json:"partial,omitempty"`
	// Kinds limits a drop to these kinds of change.
	Kinds []string `json:"kinds,omitempty"`
}

// BatchHeld says whether a batch of leavers fits the budget.
type BatchHeld struct {
	Granted bool `json:"granted"`
	Used    int  `json:"used"`
	Allowed int  `json:"allowed"`
	Asked   int  `json:"asked"`
}

// BatchSent counts the hints that are durable.
type BatchSent struct {
	Sent int `json:"sent"`
	// Held counts those whose change of position, access or profile waits with others for a decision.
	Held int `json:"held,omitempty"`
}
