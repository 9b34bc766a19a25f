package api

import "time"

// AccountSweepID is the workflow id of a sweep of accounts that is started by hand.
const AccountSweepID = "account-sweep"

// AccountSweepRequest starts a sweep of OneLogin's accounts.
type AccountSweepRequest struct {
	// Every is how often every account is read; between that only what was changed is.
	Every time.Duration `json:"every,omitempty"`
	// Each is how often a sweep is started: the reading of roles is spread over those of a day.
	Each time.Duration `json:"each,omitempty"`
	// Full reads every account and every role now.
	Full bool `json:"full,omitempty"`
}

// AccountSweepOutcome is how a sweep ended.
type AccountSweepOutcome struct {
	Accounts SweptAccounts `json:"accounts"`
	Roles    SweptRoles    `json:"roles"`
	Mappings SweptMappings `json:"mappings"`
	// Matched is what came of comparing all accounts with everybody, after a complete sweep.
	Matched *MatchedAccounts `json:"matched,omitempty"`
	Result  string           `json:"result"`
}

// SweepAccountsInput names a sweep. Repeating it goes on where it was.
type SweepAccountsInput struct {
	Sweep string        `json:"sweep"`
	Every time.Duration `json:"every,omitempty"`
	Full  bool          `json:"full,omitempty"`
}

// SweptAccounts counts what a reading of accounts found. Accounts stay in the ledger; only counts travel.
type SweptAccounts struct {
	// Kind is full or changes, Since from when changes were read.
	Kind  string    `json:"kind"`
	Since time.Time `json:"since,omitzero"`
	Seen  int64     `json:"seen"`
	// Total is how many accounts OneLogin says it has.
	Total   int64 `json:"total,omitempty"`
	Written int64 `json:"written"`
	// Complete says that everybody was seen, Why what speaks against it.
	Complete bool   `json:"complete,omitempty"`
	Why      string `json:"why,omitempty"`
	// Missing accounts were not seen; Dropped ones do not exist any more.
	Missing int64 `json:"missing,omitempty"`
	Dropped int64 `json:"dropped,omitempty"`
}

// SweepRolesInput names a sweep of the members of roles.
type SweepRolesInput struct {
	Sweep string        `json:"sweep"`
	Each  time.Duration `json:"each,omitempty"`
	Full  bool          `json:"full,omitempty"`
}

// SweptRoles counts what a part of a reading of roles found.
type SweptRoles struct {
	// Idle says that they were all read not long ago.
	Idle    bool  `json:"idle,omitempty"`
	Pages   int64 `json:"pages,omitempty"`
	Seen    int64 `json:"seen,omitempty"`
	Written int64 `json:"written,omitempty"`
	// Complete says that this was the last part.
	Complete bool `json:"complete,omitempty"`
}

// SweptMappings says which mappings were read.
type SweptMappings struct {
	Read int `json:"read"`
	// Refused says that OneLogin does not show them to the credential.
	Refused bool `json:"refused,omitempty"`
}

// MatchedAccounts counts what a comparison of all accounts with everybody came to.
type MatchedAccounts struct {
	Seen int64 `json:"seen"`
	// Linked counts the accounts that were put on record by it.
	Linked int64 `json:"linked"`
	// Candidates, Disputed and Unowned count what there is now.
	Candidates int64 `json:"candidates"`
	Disputed   int64 `json:"disputed"`
	Unowned    int64 `json:"unowned"`
}
