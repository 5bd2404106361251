-- A hundred payments for each user, a minute to a month old.
INSERT INTO payments.payments (
    id, user_id, flow, kind, status, quantity, refunded_minor, description, credits, refund_policy, session_id, payment_intent_id, charge_id,
    created_at, completed_at, checks, amount_minor, unit_price_minor, currency, discount_minor, tax_minor, total_minor)
SELECT gen_random_uuid(), u.id, 'checkout', 'creditPack', 'succeeded', 1, 0, '550 credits', 550, 'debt',
    'cs_test_' || md5(u.id || n::text) || md5(n::text || u.id), 'pi_' || md5(u.id || n::text), 'ch_' || md5(u.id || n::text),
    at, at + interval '90 seconds', 0, 4999, 4999, 'usd', 0, 0, 4999
FROM users.users u, generate_series(1, 100) n, LATERAL (SELECT now() - n * interval '7 hours' - random() * interval '6 hours' AS at) t
ORDER BY at;
VACUUM ANALYZE;
CHECKPOINT;
