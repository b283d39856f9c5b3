package maria

import (
	"context"
	"database/sql/driver"
	"fmt"
	"slices"
	"strings"

	"github.com/beds-project/beds/runtime"
	"github.com/beds-project/beds/runtime/envelope"
)

// Verify compares the procedures in the database with those that the templates
// were built for. The error lists all that are missing or of another version.
func (s *Store) Verify(ctx context.Context, templates []*runtime.Template) error {
	installed := make(map[string]string)
	err := s.call(ctx, "beds_versions", readCall, []byte("{}"), func(_ []string, values []driver.Value) error {
		if len(values) != 2 {
			return badShape("a version of %d columns", len(values))
		}
		name, _ := values[0].([]byte)
		comment, _ := values[1].([]byte)
		installed[strings.ToLower(string(name))] = string(comment)
		return nil
	})
	if n := number(err); err != nil && n != errNoProcedure && n != errExecuteDenied {
		return err
	} else if err != nil {
		return internalError(err, "the procedure beds_versions is missing in the database or the node's account may not execute it; "+
			"run: beds sql install, and grant beds_executor to the account")
	}
	findings := compare(installed, sharedProcedures)
	for _, t := range templates {
		findings = append(findings, compare(installed, procedures(t))...)
	}
	if len(findings) > 0 {
		return envelope.Errorf(envelope.Internal, "the database does not fit this node:\n  %s\nrun: beds sql install", strings.Join(findings, "\n  "))
	}
	return s.warnScheduler(ctx, templates)
}

// compare says what is missing or of another version.
func compare(installed map[string]string, want []procedure) []string {
	var findings []string
	for _, p := range want {
		switch comment, ok := installed[strings.ToLower(p.name)]; {
		case !ok:
			findings = append(findings, p.name+" is missing, or the node's account may not execute it")
		case comment != p.comment:
			findings = append(findings, fmt.Sprintf("%s is %s; this node needs %s", p.name, version(comment, p.name), version(p.comment, p.name)))
		}
	}
	return findings
}

// version is what follows the name in a procedure's comment.
func version(comment, name string) string {
	v, ok := strings.CutPrefix(comment, "beds "+name+" ")
	if !ok {
		return "of unknown origin"
	}
	return v
}

// warnScheduler says in the log that records will not vanish by age.
func (s *Store) warnScheduler(ctx context.Context, templates []*runtime.Template) error {
	ages := func(t *runtime.Template) bool {
		return slices.ContainsFunc(t.Indexes, func(ix runtime.Index) bool { return ix.TTL > 0 })
	}
	if !slices.ContainsFunc(templates, ages) {
		return nil
	}
	var state string
	err := s.run(ctx, "SELECT @@GLOBAL.event_scheduler", readCall, func(_ []string, values []driver.Value) error {
		b, _ := values[0].([]byte)
		state = string(b)
		return nil
	})
	if err != nil {
		return classify(err, readCall, "event_scheduler")
	}
	if state != "ON" {
		s.config.Logger.Warn("records with a ttl index will not vanish: the database's event scheduler is "+state,
			"run", "SET GLOBAL event_scheduler = ON")
	}
	return nil
}

// VerifyPrivileges checks that the node's account can execute procedures and
// nothing else. The error says what to revoke.
func (s *Store) VerifyPrivileges(ctx context.Context) error {
	lines, err := s.grants(ctx, "SHOW GRANTS")
	if err != nil {
		return err
	}
	for _, role := range grantedRoles(lines) {
		more, err := s.grants(ctx, "SHOW GRANTS FOR "+role)
		if err != nil {
			return err
		}
		lines = append(lines, more...)
	}
	slices.Sort(lines)
	var revoke []string
	for _, l := range slices.Compact(lines) {
		if r := excess(l); r != "" {
			revoke = append(revoke, r)
		}
	}
	if len(revoke) > 0 {
		return envelope.Errorf(envelope.Internal, "the node's account in MariaDB may do more than execute procedures; run:\n  %s", strings.Join(revoke, "\n  "))
	}
	return nil
}

func (s *Store) grants(ctx context.Context, query string) ([]string, error) {
	var lines []string
	err := s.run(ctx, query, readCall, func(_ []string, values []driver.Value) error {
		b, _ := values[0].([]byte)
		lines = append(lines, string(b))
		return nil
	})
	if err != nil {
		return nil, classify(err, readCall, "SHOW GRANTS")
	}
	return lines, nil
}

// grantedRoles finds GRANT `role` TO `user`@`host`.
func grantedRoles(lines []string) []string {
	var roles []string
	for _, l := range lines {
		rest, ok := strings.CutPrefix(l, "GRANT `")
		if !ok {
			continue
		}
		if role, _, ok := strings.Cut(rest, "` TO "); ok && !strings.Contains(role, "` ON ") {
			roles = append(roles, "`"+role+"`")
		}
	}
	return roles
}

// excess is the REVOKE for a grant that a node does not need, or empty.
func excess(line string) string {
	rest, ok := strings.CutPrefix(line, "GRANT ")
	if !ok || strings.HasPrefix(rest, "`") {
		return "" // a default role, or membership in a role
	}
	rights, rest, ok := strings.Cut(rest, " ON ")
	if !ok {
		return ""
	}
	object, rest, _ := strings.Cut(rest, " TO ")
	to, options, _ := strings.Cut(rest, " ")
	var more []string
	for _, r := range strings.Split(rights, ", ") {
		if r != "USAGE" && (r != "EXECUTE" || object == "*.*") {
			more = append(more, r)
		}
	}
	if strings.Contains(options, "WITH GRANT OPTION") {
		more = append(more, "GRANT OPTION")
	}
	if len(more) == 0 {
		return ""
	}
	return "REVOKE " + strings.Join(more, ", ") + " ON " + object + " FROM " + to + ";"
}
