-- Empty tables, whatever protects them; then the users and pending payments of one run, as the checkout leaves them.
SET session_replication_role = replica;
TRUNCATE payments.payments, payments.payment_attempts, payments.webhook_events, payments.outbox, notifications.notifications,
    users.credit_postings, users.credit_transactions, users.credit_hold_parts, users.credit_holds, users.credit_lots;
UPDATE users.users SET credits = 0, held = 0, debt = 0 WHERE credits <> 0 OR held <> 0 OR debt <> 0;
RESET session_replication_role;
INSERT INTO payments.payments (
    id, user_id, flow, kind, status, quantity, refunded_minor, description, credits, refund_policy, session_id, session_url, session_expires_at,
    created_at, next_check_at, checks, amount_minor, unit_price_minor, currency, discount_minor, tax_minor)
SELECT id, user_id, 'checkout', 'creditPack', 'pending', 1, 0, credits || ' credits', credits, 'debt', session_id, 'http://127.0.0.1/pay/' || session_id, now() + interval '1 day',
    now(), now() + interval '6 hours', 0, amount, amount, currency, 0, 0
FROM bench.orders;
VACUUM ANALYZE;
CHECKPOINT;
