package ldap

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"

	goldap "github.com/go-ldap/ldap/v3"
)

// idleFor is how long a connection is kept: what its bind may do is decided when it is made.
const idleFor = time.Minute

// maxIdle is how many connections are kept.
const maxIdle = 4

// client sends requests, each over a connection of its own for as long as it takes. A connection is kept for the next one.
type client struct {
	o     Options
	place place

	mu   sync.Mutex
	idle []link
}

// link is a connection that has signed in.
type link struct {
	*goldap.Conn
	since time.Time
}

// New returns a directory as a system in which people have access. Nothing is sent.
func New(o Options) (*Target, error) {
	err := o.complete()
	p, wrong := o.place()
	if err = errors.Join(err, wrong); err != nil {
		return nil, fmt.Errorf("ldap: %w", err)
	}
	return &Target{client: &client{o: o, place: p}, flavour: flavours[o.Kind], apart: few}, nil
}

// Close closes the connections that are kept.
func (c *client) Close() {
	c.mu.Lock()
	idle := c.idle
	c.idle = nil
	c.mu.Unlock()
	for _, l := range idle {
		_ = l.Close() // Nothing is under way on it.
	}
}

// request carries out requests over one connection. The library knows no context: when it ends, the connection is closed under it.
func (c *client) request(ctx context.Context, op string, requests func(*goldap.Conn) error) error {
	if err := ctx.Err(); err != nil {
		return ended(op, err)
	}
	l, err := c.take(ctx, op)
	if err != nil {
		return err
	}
	stop := context.AfterFunc(ctx, func() { _ = l.Close() })
	err = requests(l.Conn)
	if stop() && !broken(op, err) {
		c.keep(l)
	} else {
		_ = l.Close() // It is of no use to anybody.
	}
	if err != nil && ctx.Err() != nil {
		return ended(op, ctx.Err())
	}
	return fault(op, err)
}

func (c *client) take(ctx context.Context, op string) (link, error) {
	c.mu.Lock()
	for len(c.idle) > 0 {
		l := c.idle[len(c.idle)-1]
		c.idle = c.idle[:len(c.idle)-1]
		if !l.IsClosing() && c.o.Clock().Sub(l.since) < idleFor {
			c.mu.Unlock()
			return l, nil
		}
		go l.Close() //nolint:errcheck // It is of no use to anybody.
	}
	c.mu.Unlock()
	conn, err := c.dial(ctx, op)
	return link{Conn: conn, since: c.o.Clock()}, err
}

func (c *client) keep(l link) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.idle) < maxIdle && !l.IsClosing() {
		c.idle = append(c.idle, l)
		return
	}
	go l.Close() //nolint:errcheck // Nothing is under way on it.
}

// dial connects, encrypts and signs in.
func (c *client) dial(ctx context.Context, op string) (*goldap.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, c.o.Timeout)
	defer cancel()
	raw, err := new(net.Dialer).DialContext(ctx, "tcp", c.place.address)
	if err != nil {
		return nil, unreached(ctx, op, "connect", err)
	}
	deadline, _ := ctx.Deadline()
	stop := context.AfterFunc(ctx, func() { _ = raw.SetDeadline(time.Unix(1, 0)) })
	conn, err := c.encrypt(ctx, raw, deadline)
	if err == nil {
		conn.SetTimeout(c.o.Timeout)
		// go-ldap refuses an empty password, which a server would take for anonymous.
		if err = conn.Bind(c.o.BindDN, c.o.Password); err != nil {
			_ = conn.Close() // The bind's failure is what matters.
			err = bindFault(op, err)
		}
	} else {
		_ = raw.Close() // The failure is what matters.
		err = unreached(ctx, op, "encrypt the connection", err)
	}
	if err != nil || !stop() {
		if ctx.Err() != nil {
			return nil, unreached(ctx, op, "sign in", ctx.Err())
		}
		return nil, err
	}
	if err := raw.SetDeadline(time.Time{}); err != nil {
		return nil, unreached(ctx, op, "connect", err)
	}
	return conn, nil
}

func (c *client) encrypt(ctx context.Context, raw net.Conn, deadline time.Time) (*goldap.Conn, error) {
	if err := raw.SetDeadline(deadline); err != nil {
		return nil, err
	}
	if !c.place.startTLS {
		encrypted := tls.Client(raw, c.place.tls)
		if err := encrypted.HandshakeContext(ctx); err != nil {
			return nil, err
		}
		conn := goldap.NewConn(encrypted, true)
		conn.Start()
		return conn, nil
	}
	conn := goldap.NewConn(raw, false)
	conn.Start()
	if err := conn.StartTLS(c.place.tls); err != nil {
		_ = conn.Close() // The failure is what matters.
		return nil, err
	}
	return conn, nil
}
