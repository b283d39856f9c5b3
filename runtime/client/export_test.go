package client

import "context"

// DeleteQueue deletes a queue that is exclusive to the client's connection, as an operator
// or a policy can and no other connection may.
func (c *Client) DeleteQueue(ctx context.Context, name string) error {
	s, err := c.conn.Session(ctx)
	if err != nil {
		return err
	}
	ch, err := s.Channel()
	if err != nil {
		return err
	}
	defer ch.Close() //nolint:errcheck // the broker ends it with the connection at the latest
	_, err = ch.QueueDelete(name, false, false, false)
	return err
}
