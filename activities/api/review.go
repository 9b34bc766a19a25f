package api

import "time"

// ReviewStart asks for the review of a month.
type ReviewStart struct {
	// Campaign names it; empty means the month of At in Zone.
	Campaign string    `json:"campaign,omitempty"`
	At       time.Time `json:"at"`
	// Zone is the time zone that the schedule follows; empty means the company's.
	Zone string `json:"zone,omitempty"`
}

// ReviewStarted is the review that a start came to.
type ReviewStarted struct {
	Campaign   string `json:"campaign"`
	WorkflowID string `json:"workflow_id"`
	// Fresh is false if the review was there already, open or finished.
	Fresh bool `json:"fresh"`
}

// ReviewInput names a campaign.
type ReviewInput struct {
	Campaign string `json:"campaign"`
}

// ReviewOpened says how far a campaign has come.
type ReviewOpened struct {
	Frozen   bool `json:"frozen,omitempty"`
	Finished bool `json:"finished,omitempty"`
}

// ReviewCount is how much a step has collected or written. People stay in the ledger; only numbers travel.
type ReviewCount struct {
	Items int64 `json:"items"`
}

// ReviewSnapshot is what a campaign came to when it was frozen.
type ReviewSnapshot struct {
	AsOf     time.Time `json:"as_of"`
	Users    int64     `json:"users"`
	Access   int64     `json:"access"`
	Findings int64     `json:"findings"`
}

// ReviewWritten says where the review can be read.
type ReviewWritten struct {
	Link string `json:"link"`
	Rows int64  `json:"rows"`
	// Unshared are readers to whom Google refuses to give access. All other readers have it.
	Unshared []Unshared `json:"unshared,omitempty"`
}

// Unshared is a reader who cannot open a spreadsheet.
type Unshared struct {
	Address string `json:"address"`
	Link    string `json:"link"`
}

// ReviewTold says whether compliance has its e-mail.
type ReviewTold struct {
	// Refused says that Google does not write to the address of compliance.
	Refused bool `json:"refused,omitempty"`
}

// ReviewMailed counts the e-mails that are on their way.
type ReviewMailed struct {
	Managers int64 `json:"managers"`
	// Unmanaged is how many people have no manager with an account; the fallback owner was told about them.
	Unmanaged int64 `json:"unmanaged"`
	// Refused is how many e-mails could be delivered neither to the manager nor to the fallback owner.
	Refused int64 `json:"refused,omitempty"`
}
