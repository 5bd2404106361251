-- What must hold when every event has been applied; a line for each rule that does not.
SELECT rule || ': ' || found || ' instead of ' || expected
FROM (VALUES
    ('events stored', (SELECT count(*) FROM payments.webhook_events), :events),
    ('events processed', (SELECT count(*) FROM payments.webhook_events WHERE status = 'processed'), :events),
    ('payments succeeded', (SELECT count(*) FROM payments.payments WHERE status = 'succeeded' AND completed_at IS NOT NULL AND total_minor = amount_minor), :events),
    ('grants', (SELECT count(*) FROM users.credit_transactions WHERE kind = 'grant'), :events),
    ('receipts queued', (SELECT count(*) FROM payments.outbox), :events),
    ('credits granted', (SELECT coalesce(sum(credits), 0)::bigint FROM users.users), (SELECT coalesce(sum(credits), 0)::bigint FROM payments.payments WHERE status = 'succeeded')),
    ('users whose balance is not what they bought',
        (SELECT count(*) FROM users.users u LEFT JOIN (SELECT user_id, sum(credits) AS bought FROM payments.payments WHERE status = 'succeeded' GROUP BY user_id) p ON p.user_id = u.id
         WHERE u.credits <> coalesce(bought, 0)), 0),
    ('users whose balance is not the sum of their postings',
        (SELECT count(*) FROM users.users u LEFT JOIN (SELECT user_id, sum(credits) AS posted FROM users.credit_postings WHERE account = 'available' GROUP BY user_id) p ON p.user_id = u.id
         WHERE u.credits <> coalesce(posted, 0)), 0),
    ('sum of the ledger', (SELECT coalesce(sum(credits), 0)::bigint FROM users.credit_postings), 0),
    ('transactions out of balance', (SELECT count(*) FROM (SELECT FROM users.credit_postings GROUP BY transaction_id HAVING sum(credits) <> 0) t), 0)
) AS rules (rule, found, expected)
WHERE found <> expected;
