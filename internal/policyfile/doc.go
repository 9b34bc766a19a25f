// Package policyfile holds the policy that is in force in a process, and follows its file.
//
// A file that is invalid, cut off, gone, or that protects less changes nothing: the last good policy stays in force, and the
// ledger says what is wrong with the new one. A policy that protects less is taken up when somebody who may has accepted it.
package policyfile
