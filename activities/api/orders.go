package api

import "gatehouse/identity"

// GiveOrder records an order and hints the person it is about. Order.ID is the caller's idempotency key.
type GiveOrder struct {
	Order identity.Order `json:"order"`
	Hint  Hint           `json:"hint"`
	// Proof shows who gives it, and was judged; it is kept with the order.
	Proof *Proof `json:"proof,omitempty"`
}

// OrderGiven says whom an order turned out to be about.
type OrderGiven struct {
	ID string `json:"id"`
	// Key is the person whose run was hinted; another one than was asked for if that key stands for them.
	Key string `json:"key"`
}

// ReleaseOrder ends an order before it lapses and hints the person it is about.
type ReleaseOrder struct {
	ID string `json:"id"`
	// Key is the person the order is about, as far as the caller knows.
	Key    string `json:"key"`
	By     string `json:"by"`
	Reason string `json:"reason"`
	// Proof shows who ends it, and was judged; it is kept with the order.
	Proof *Proof `json:"proof,omitempty"`
}

// OrderReleased says what came of releasing an order.
type OrderReleased struct {
	// Released is false if there was nothing to end: it was released or carried out before, or never given.
	Released bool `json:"released"`
}

// CloseOrder ends a response that was carried out, or that no longer can be.
type CloseOrder struct {
	ID string `json:"id"`
	// Outcome is what was done, or why nothing was: a few words without personal data.
	Outcome string `json:"outcome"`
}

// ResponseInput asks for a response to be carried out once per order.
type ResponseInput struct {
	AccountInput
	// Order is the response's id and keeps it from being carried out twice.
	Order string `json:"order"`
	// Minutes is how long a lock lasts; 0 means the period of the user's policy in OneLogin.
	Minutes int `json:"minutes,omitempty"`
}
