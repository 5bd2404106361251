namespace Payments.Infrastructure.Tests.Database;

/// <summary>A sound row in every table: Ada has bought 100 credits, spent 30 and holds 20.</summary>
internal static class Rows
{
    public const string Ada = "b0000000-0000-4000-8000-000000000001";
    public const string Plan = "c5000000-0000-4000-8000-000000000001";
    public const string Product = "f1000000-0000-4000-8000-000000000001";
    public const string Order = "f2000000-0000-4000-8000-000000000001";
    public const string Payment = "a0000000-0000-4000-8000-000000000001";
    public const string Lot = "d0000000-0000-4000-8000-000000000001";
    public const string Granted = "e0000000-0000-4000-8000-000000000001";
    public const string Spent = "e0000000-0000-4000-8000-000000000002";
    public const string Held = "e0000000-0000-4000-8000-000000000003";
    public const string Hold = "f0000000-0000-4000-8000-000000000001";

    public static Task PlantAsync(TestDatabase database) => database.ExecuteAsync(
        $$"""
        INSERT INTO users.users (id, email, name, credits, held, debt, subscription_type, subscription_expires, created_at)
            VALUES ('{{Ada}}', 'ada@example.com', 'Ada', 50, 20, 0, 'monthly', '2026-12-01Z', '2026-07-29T12:00:00Z');
        INSERT INTO payments.credit_packs (id, name, credits, credits_expire_after_days, display_order, active, currency, price_minor)
            VALUES ('c0000000-0000-4000-8000-000000000001', 'Starter', 100, 90, 1, true, 'usd', 999);
        INSERT INTO payments.plans (id, name, type, interval, interval_count, trial_days, credits_per_period, family, rank, maximum_quantity, refund_policy, active, display_order,
                access_type, access_id, currency, price_minor)
            VALUES ('{{Plan}}', 'Monthly', 'monthly', 'month', 1, 14, 200, 'pro', 1, 1, 'debt', true, 1, 'platform', '*', 'usd', 1900);
        INSERT INTO payments.plan_prices (id, plan_id, account, livemode, interval, interval_count, gateway_price_id, gateway_product_id, created_at, amount_minor, currency,
                type, credits_per_period, family, access_type, access_id, refund_policy)
            VALUES ('c6000000-0000-4000-8000-000000000001', '{{Plan}}', 'acct_1', false, 'month', 1, 'price_1', 'prod_1', '2026-07-29T12:00:00Z', 1900, 'usd', 'monthly', 200, 'pro', 'platform', '*', 'debt');
        INSERT INTO payments.items (id, name, type, resource_id, active, display_order, currency, price_minor) VALUES ('e1000000-0000-4000-8000-000000000001', 'Course', 'course', 'cloud', true, 1, 'usd', 4900);
        INSERT INTO payments.products (id, name, active, display_order, currency, price_minor) VALUES ('{{Product}}', 'Poster', true, 1, 'usd', 7900);
        INSERT INTO payments.stock (product_id, available, reserved, sold) VALUES ('{{Product}}', 9, 1, 0);
        INSERT INTO payments.orders (id, user_id, status, created_at, expires_at, due_at, tries, currency, total_minor)
            VALUES ('{{Order}}', '{{Ada}}', 'pending', '2026-07-29T12:00:00Z', '2026-07-29T12:30:00Z', '2026-07-29T12:30:00Z', 0, 'usd', 7900);
        INSERT INTO payments.order_lines (order_id, number, product_id, name, quantity, restocked, currency, price_minor) VALUES ('{{Order}}', 0, '{{Product}}', 'Poster', 1, 0, 'usd', 7900);
        INSERT INTO users.access_grants (user_id, source, resource_type, resource_id, starts_at, until, state, subscription_type, subscription_expires)
            VALUES ('{{Ada}}', 'entitlement:subscription', 'platform', '*', '2026-07-29T12:00:00Z', '2026-12-01Z', 'given', 'monthly', '2026-12-01Z');
        INSERT INTO payments.customers (id, user_id, account, livemode, gateway_id, email, name, created_at)
            VALUES ('c1000000-0000-4000-8000-000000000001', '{{Ada}}', 'acct_1', false, 'cus_1', 'ada@example.com', 'Ada', '2026-07-29T12:00:00Z');
        INSERT INTO payments.payments (id, user_id, flow, kind, status, quantity, refunded_minor, description, credit_pack_id, credits, credits_expire_after_days, refund_policy, session_id,
                payment_intent_id, charge_id, created_at, completed_at, checks, amount_minor, currency, discount_minor, tax_minor, total_minor, unit_price_minor)
            VALUES ('{{Payment}}', '{{Ada}}', 'checkout', 'creditPack', 'succeeded', 1, 0, 'Starter', 'c0000000-0000-4000-8000-000000000001', 100, 90, 'debt', 'cs_1',
                'pi_1', 'ch_1', '2026-07-29T12:00:00Z', '2026-07-29T12:01:00Z', 0, 999, 'usd', 0, 0, 999, 999);
        INSERT INTO payments.payment_attempts (payment_id, key, outcome, method_type, card_brand, card_last4, at, amount_minor, currency)
            VALUES ('{{Payment}}', 'ch_1', 'succeeded', 'card', 'visa', '4242', '2026-07-29T12:01:00Z', 999, 'usd');
        INSERT INTO payments.gateway_requests (subject_id, attempt, operation, body, prepared_at) VALUES ('{{Payment}}', 1, 'open', 'mode=payment', '2026-07-29T12:00:00Z');
        INSERT INTO payments.refunds (id, payment_id, status, reason, note, origin, gateway_id, source_id, of_surplus, is_limited, cancels_subscription, failure_reason, created_at, sends, amount_minor, currency)
            VALUES ('c7000000-0000-4000-8000-000000000001', '{{Payment}}', 'failed', 'duplicate', 'Twice.', 'api', 're_1', 'pi_1', false, false, true, 'declined', '2026-07-29T12:02:00Z', 1, 100, 'usd');
        INSERT INTO payments.disputes (id, payment_id, gateway_id, charge_id, of_surplus, status, reason, created_at, amount_minor, currency, fee_currency, fee_minor)
            VALUES ('c8000000-0000-4000-8000-000000000001', '{{Payment}}', 'dp_1', 'ch_1', false, 'warningClosed', 'general', '2026-07-29T12:03:00Z', 999, 'usd', 'usd', 0);
        INSERT INTO payments.webhook_events (id, created, type, livemode, payload, received_at, next_attempt_at, payment_id)
            VALUES ('evt_1', '2026-07-29T12:01:00Z', 'checkout.session.completed', false, '\x7b7d', '2026-07-29T12:01:01Z', '2026-07-29T12:01:01Z', '{{Payment}}');
        INSERT INTO payments.outbox (id, type, data, created_at, attempts) VALUES ('c2000000-0000-4000-8000-000000000001', 'payment.succeeded', '{"a": 1}', '2026-07-29T12:01:00Z', 1);
        INSERT INTO users.credit_lots (id, user_id, payment_id, granted, remaining, expires_at, created_at) VALUES ('{{Lot}}', '{{Ada}}', '{{Payment}}', 100, 50, '2026-10-27T12:01:00Z', '2026-07-29T12:01:00Z');
        INSERT INTO users.credit_transactions (id, user_id, kind, key, change, reason, reference, payment_id, balance_after, at) VALUES
            ('{{Granted}}', '{{Ada}}', 'grant', 'grant:payment:1', 100, 'purchase', 'Starter', '{{Payment}}', 100, '2026-07-29T12:01:00Z'),
            ('{{Spent}}', '{{Ada}}', 'spend', 'spend:1', -30, 'evaluation', '1', NULL, 70, '2026-07-29T13:00:00Z'),
            ('{{Held}}', '{{Ada}}', 'hold', 'hold:1', -20, 'assignment', '2', NULL, 50, '2026-07-29T14:00:00Z');
        INSERT INTO users.credit_postings (transaction_id, line, user_id, account, lot_id, credits) VALUES
            ('{{Granted}}', 0, '{{Ada}}', 'issued', NULL, -100), ('{{Granted}}', 1, '{{Ada}}', 'available', '{{Lot}}', 100),
            ('{{Spent}}', 0, '{{Ada}}', 'available', '{{Lot}}', -30), ('{{Spent}}', 1, '{{Ada}}', 'spent', NULL, 30),
            ('{{Held}}', 0, '{{Ada}}', 'available', '{{Lot}}', -20), ('{{Held}}', 1, '{{Ada}}', 'held', '{{Lot}}', 20);
        INSERT INTO users.credit_holds (id, user_id, amount, reason, reference, status, captured, expires_at, created_at)
            VALUES ('{{Hold}}', '{{Ada}}', 20, 'assignment', '2', 'open', 0, '2026-07-29T14:15:00Z', '2026-07-29T14:00:00Z');
        INSERT INTO users.credit_hold_parts (hold_id, line, lot_id, amount) VALUES ('{{Hold}}', 0, '{{Lot}}', 20);
        INSERT INTO notifications.notifications (id, user_id, effect_key, channel, template, data, status, attempts, takeovers, created_at)
            VALUES ('c3000000-0000-4000-8000-000000000001', '{{Ada}}', 'receipt:1', 'email', 'payment-succeeded', '{"a": 1}', 'sent', 1, 0, '2026-07-29T12:01:00Z');
        """);

    /// <summary>And in the tables that the first migration lacks: those that no entity stands for, and those of later ones.</summary>
    public static async Task PlantBesideAsync(TestDatabase database)
    {
        await PlantCardAsync(database);
        await database.ExecuteAsync(
            $$"""
            INSERT INTO payments.audit_log (id, at, actor_id, actor_email, action, subject, before, after, reason)
                VALUES ('c4000000-0000-4000-8000-000000000001', '2026-07-29T15:00:00Z', '{{Ada}}', 'ada@example.com', 'webhook.replay', 'evt_1', '{"a": 1}', '{"a": 2}', 'Asked to.');
            INSERT INTO payments.idempotency_keys (scope, claim, request_hash, claimed_at, created_at, status, body) VALUES ('\x01', '{{Ada}}', '\x02', now(), now(), 200, '\x7b7d');
            INSERT INTO users.access_changes (id, user_id, source, resource_type, resource_id, state, at)
                VALUES ('c9000000-0000-4000-8000-000000000001', '{{Ada}}', 'purchase:1', 'course', 'cloud', 'paused', '2026-07-29T15:00:00Z');
            INSERT INTO notifications.preferences (user_id, type, email) VALUES ('{{Ada}}', 'card-expiring', false);
            INSERT INTO payments.gateway_budget (second, used) VALUES (1, 1);
            INSERT INTO payments.sandbox_clock (offset_ticks) VALUES (1);
            INSERT INTO payments.subscriptions (id, user_id, gateway_id, gateway_created_at, quantity, status, current_period_end, cancel_at_period_end, next_action_at, created_at)
                VALUES ('c5000000-0000-4000-8000-000000000001', '{{Ada}}', 'sub_1', '2026-07-29T12:00:00Z', 1, 'active', '2026-08-29T12:00:00Z', false, '2036-08-29T18:00:00Z', '2026-07-29T12:00:00Z');
            INSERT INTO payments.invoices (id, user_id, gateway_id, subscription_id, number, status, reason, attempt_count, created_at, currency, subtotal_minor, discount_minor, tax_minor, total_minor, amount_due_minor,
                amount_paid_minor, lines, taxes, tax_ids)
                VALUES ('c6000000-0000-4000-8000-000000000001', '{{Ada}}', 'in_1', 'c5000000-0000-4000-8000-000000000001', 'A-0001', 'paid', 'subscriptionCreate', 1, '2026-07-29T12:00:00Z', 'usd', 1900, 0, 0, 1900, 1900,
                1900, '[]', '[]', '[]');
            INSERT INTO payments.tax_rates (gateway_id, kind, name, percentage) VALUES ('txr_1', 'vat', 'VAT', 20);
            """);
    }

    public static Task PlantCardAsync(TestDatabase database) => database.ExecuteAsync(
        $$"""
        INSERT INTO payments.payment_methods (id, customer_id, user_id, account, livemode, brand, last4, exp_month, exp_year, fingerprint, is_default, attached_at)
            VALUES ('pm_1', 'c1000000-0000-4000-8000-000000000001', '{{Ada}}', 'acct_1', false, 'visa', '4242', 8, 2030, 'fp_1', true, '2026-07-29T12:00:00Z');
        """);
}
