// Package eventwatch reads the events of OneLogin and starts what the policy asks for.
package eventwatch
