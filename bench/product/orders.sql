-- The pending payments of one run, as the checkout leaves them. What earlier runs left stays: a shop has a history.
INSERT INTO payments.payments (
    id, user_id, flow, kind, status, quantity, refunded_minor, description, credits, refund_policy, session_id, session_url, session_expires_at,
    created_at, next_check_at, checks, amount_minor, unit_price_minor, currency, discount_minor, tax_minor)
SELECT id, user_id, 'checkout', 'creditPack', 'pending', 1, 0, credits || ' credits', credits, 'debt', session_id, 'http://127.0.0.1/pay/' || session_id, now() + interval '1 day',
    now(), now() + interval '6 hours', 0, amount, amount, currency, 0, 0
FROM bench.orders;
-- Tables that are still empty are left as a new database has them: to the planner "never counted" is not "none".
SELECT EXISTS (SELECT FROM payments.webhook_events) AS used \gset
\if :used
VACUUM ANALYZE;
\else
VACUUM ANALYZE payments.payments, users.users;
\endif
CHECKPOINT;
