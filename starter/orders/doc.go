// Package orders gives and ends orders about people, and waits for the proof that access has ended.
package orders
