package decider

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

// SessionLife is how long somebody who has signed in may decide.
const SessionLife = 8 * time.Hour

// Verify returns the address that an ID token names, if the provider signed it for Gatehouse and it was valid at a time.
type Verify func(ctx context.Context, token string, at time.Time) (address string, err error)

// Provider signs people in by OAuth's device flow (RFC 8628).
type Provider struct {
	oauth    oauth2.Config
	provider *oidc.Provider
}

// Discover reads what an issuer says about itself.
func Discover(ctx context.Context, issuer, clientID string) (*Provider, error) {
	p, err := oidc.NewProvider(ctx, issuer)
	if err != nil {
		return nil, fmt.Errorf("read the OpenID configuration of deciders.issuer: %w", err)
	}
	return &Provider{
		provider: p,
		oauth:    oauth2.Config{ClientID: clientID, Endpoint: p.Endpoint(), Scopes: []string{oidc.ScopeOpenID, "email"}},
	}, nil
}

// Verify implements [Verify].
func (p *Provider) Verify(ctx context.Context, raw string, at time.Time) (string, error) {
	token, err := p.provider.Verifier(&oidc.Config{ClientID: p.oauth.ClientID, Now: func() time.Time { return at }}).Verify(ctx, raw)
	if err != nil {
		return "", fmt.Errorf("verify an ID token: %w", err)
	}
	var claims struct {
		Email    string `json:"email"`
		Verified *bool  `json:"email_verified"`
	}
	if err := token.Claims(&claims); err != nil {
		return "", fmt.Errorf("read an ID token: %w", err)
	}
	if claims.Email == "" || claims.Verified != nil && !*claims.Verified {
		return "", errors.New("the ID token names no verified e-mail address: have the provider put the claim `email` into it")
	}
	return claims.Email, nil
}

// SignIn shows where to confirm the sign-in, waits for it, and returns the ID token.
func (p *Provider) SignIn(ctx context.Context, show func(url, code string)) (string, error) {
	if p.oauth.Endpoint.DeviceAuthURL == "" {
		return "", errors.New("the provider offers no device flow (device_authorization_endpoint): use an operator's key instead, `starter key`")
	}
	auth, err := p.oauth.DeviceAuth(ctx)
	if err != nil {
		return "", fmt.Errorf("begin to sign in: %w", err)
	}
	show(auth.VerificationURI, auth.UserCode)
	token, err := p.oauth.DeviceAccessToken(ctx, auth)
	if err != nil {
		return "", fmt.Errorf("wait for the sign-in to be confirmed: %w", err)
	}
	raw, _ := token.Extra("id_token").(string)
	if raw == "" {
		return "", errors.New("the provider answered without an ID token: allow the scope openid for this client")
	}
	return raw, nil
}
