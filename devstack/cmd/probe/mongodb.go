package main

import (
	"context"
	"errors"
	"fmt"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
)

type mongoDB struct{}

func (mongoDB) with(ctx context.Context, uri string, f func(*mongo.Client) error) error {
	client, err := mongo.Connect(options.Client().ApplyURI(uri).SetServerSelectionTimeout(patience).SetTimeout(patience))
	if err != nil {
		return errors.New("the address is not a URI such as mongodb://127.0.0.1:27017/")
	}
	defer client.Disconnect(context.WithoutCancel(ctx))
	if err := client.Ping(ctx, nil); err != nil {
		return fmt.Errorf("the MongoDB server does not answer: %w", err)
	}
	return f(client)
}

func (m mongoDB) check(ctx context.Context, uri string) error {
	return m.with(ctx, uri, func(*mongo.Client) error { return nil })
}

func marks(client *mongo.Client) *mongo.Collection {
	return client.Database("beds_probe").Collection("mark")
}

func (m mongoDB) write(ctx context.Context, uri, token string) error {
	return m.with(ctx, uri, func(client *mongo.Client) error {
		_, err := marks(client).InsertOne(ctx, bson.D{{Key: "_id", Value: token}})
		return err
	})
}

func (m mongoDB) read(ctx context.Context, uri, token string) error {
	return m.with(ctx, uri, func(client *mongo.Client) error {
		err := marks(client).FindOne(ctx, bson.D{{Key: "_id", Value: token}}).Err()
		if errors.Is(err, mongo.ErrNoDocuments) {
			return errors.New("the MongoDB server has lost the mark")
		}
		return err
	})
}
