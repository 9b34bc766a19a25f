// Package decide shows what is asked of people, and takes their answers: questions, items, holds, lists, reports and policies.
package decide
