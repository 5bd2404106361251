-- What the bench itself needs beside the product's tables.
CREATE SCHEMA bench;

-- An order as the rig makes it.
CREATE TABLE bench.orders (
    id uuid, user_id uuid, session_id text, payment_intent_id text, customer_id text, subscription_id text, amount bigint, currency text, pack text, credits bigint);

-- Waits until no event is left to apply. A procedure, so that no snapshot stays open and holds back the clean-up of dead rows.
CREATE PROCEDURE bench.drain(patience interval, INOUT left_over bigint) LANGUAGE plpgsql AS $$
DECLARE until timestamptz := clock_timestamp() + patience;
BEGIN
    SET enable_seqscan = off;
    LOOP
        EXIT WHEN NOT EXISTS (SELECT FROM payments.webhook_events WHERE status = 'pending') OR clock_timestamp() > until;
        COMMIT;
        PERFORM pg_sleep(0.05);
        COMMIT;
    END LOOP;
    SELECT count(*) INTO left_over FROM payments.webhook_events WHERE status = 'pending';
    RESET enable_seqscan;
END $$;
