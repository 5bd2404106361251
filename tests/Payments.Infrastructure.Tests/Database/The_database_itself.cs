using Payments.Sandbox.Supervision;

namespace Payments.Infrastructure.Tests.Database;

/// <summary>What PostgreSQL refuses whoever asks: the last line behind the domain's rules.</summary>
public sealed class The_database_itself : IAsyncLifetime
{
    private const string NewTransaction = "INSERT INTO users.credit_transactions (id, user_id, kind, key, change, reason, reference, balance_after, at) VALUES ('e1000000-0000-4000-8000-000000000001', '" + Rows.Ada + "', 'spend', 'new', -1, 'r', '1', 0, '2026-07-29Z')";
    private const string NewPostings = "INSERT INTO users.credit_postings (transaction_id, line, user_id, account, lot_id, credits) VALUES ";
    private const string CheckViolation = "23514";
    private const string RestrictViolation = "23001";
    private const string UniqueViolation = "23505";

    private TestDatabase database = null!;

    public async Task InitializeAsync()
    {
        database = await TestDatabase.NewAsync();
        await Rows.PlantAsync(database);
        await Rows.PlantBesideAsync(database);
    }

    public Task DisposeAsync() => database.DisposeAsync();

    [Theory]
    [InlineData("('{0}', 0, '{1}', 'available', NULL, -5)")]
    [InlineData("('{0}', 0, '{1}', 'available', NULL, -5), ('{0}', 1, '{1}', 'spent', NULL, 4)")]
    [InlineData("('{0}', 0, '{1}', 'available', NULL, 5), ('{0}', 1, '{1}', 'spent', NULL, 5)")]
    [InlineData("('{0}', 0, '{1}', 'available', NULL, -5), ('" + Rows.Spent + "', 2, '{1}', 'spent', NULL, 5)")]
    public async Task refuses_postings_that_do_not_sum_to_zero_in_their_transaction(string postings)
    {
        await database.ExecuteAsync(NewTransaction);

        var refusal = await database.RefusedAsync(NewPostings + string.Format(System.Globalization.CultureInfo.InvariantCulture, postings, "e1000000-0000-4000-8000-000000000001", Rows.Ada));

        refusal.SqlState.ShouldBe(CheckViolation);
        refusal.MessageText.ShouldContain("do not sum to zero");
        (await database.ScalarAsync<long>("SELECT count(*) FROM users.credit_postings")).ShouldBe(6);
    }

    [Fact]
    public async Task takes_postings_that_do()
    {
        await database.ExecuteAsync(NewTransaction);

        await database.ExecuteAsync($"{NewPostings}('e1000000-0000-4000-8000-000000000001', 0, '{Rows.Ada}', 'available', '{Rows.Lot}', -1), ('e1000000-0000-4000-8000-000000000001', 1, '{Rows.Ada}', 'spent', NULL, 1)");

        (await database.ScalarAsync<decimal>("SELECT sum(credits) FROM users.credit_postings")).ShouldBe(0);
    }

    [Theory]
    [InlineData("users.credit_postings", "credits = 0")]
    [InlineData("users.credit_postings", "user_id = user_id")]
    [InlineData("users.credit_transactions", "change = 1")]
    [InlineData("payments.audit_log", "reason = 'Nobody asked.'")]
    public async Task never_changes_what_was_written_once(string table, string change)
    {
        var before = await database.ColumnAsync<string>($"SELECT t::text FROM {table} t ORDER BY 1");

        (await database.RefusedAsync($"UPDATE {table} SET {change}")).SqlState.ShouldBe(RestrictViolation);
        (await database.RefusedAsync($"UPDATE {table} SET {change} WHERE false")).SqlState.ShouldBe(RestrictViolation);
        (await database.RefusedAsync($"DELETE FROM {table}")).SqlState.ShouldBe(RestrictViolation);
        var truncated = await database.RefusedAsync($"TRUNCATE {table} CASCADE");
        truncated.SqlState.ShouldBe(RestrictViolation);
        truncated.MessageText.ShouldContain("append-only");

        (await database.ColumnAsync<string>($"SELECT t::text FROM {table} t ORDER BY 1")).ShouldBe(before);
        before.ShouldNotBeEmpty();
    }

    [Theory]
    [InlineData("users.users", "credits = -1", "users_credits_not_negative")]
    [InlineData("users.users", "held = -1", "users_held_not_negative")]
    [InlineData("users.users", "debt = -1", "users_debt_not_negative")]
    [InlineData("users.credit_lots", "remaining = -1", "credit_lots_remaining_in_bounds")]
    [InlineData("users.credit_lots", "remaining = granted + 1", "credit_lots_parts_in_bounds")]
    [InlineData("payments.credit_packs", "credits = 0", "credit_packs_positive")]
    [InlineData("payments.credit_packs", "price_minor = 0", "credit_packs_positive")]
    [InlineData("payments.items", "price_minor = 0", "items_positive")]
    [InlineData("payments.items", "refund_window_days = -1", "items_positive")]
    [InlineData("payments.products", "price_minor = 0", "products_positive")]
    [InlineData("payments.stock", "available = -1", "stock_not_negative")]
    [InlineData("payments.stock", "reserved = -1", "stock_not_negative")]
    [InlineData("payments.stock", "sold = -1", "stock_not_negative")]
    [InlineData("payments.orders", "total_minor = 0", "orders_positive")]
    [InlineData("payments.order_lines", "quantity = 0", "order_lines_in_bounds")]
    [InlineData("payments.order_lines", "restocked = 2", "order_lines_in_bounds")]
    [InlineData("payments.plans", "price_minor = 0", "plans_positive")]
    [InlineData("payments.plans", "maximum_quantity = 0", "plans_positive")]
    [InlineData("payments.payments", "refunded_minor = -1", "payments_refunded_in_bounds")]
    [InlineData("payments.payments", "refunded_minor = 1000", "payments_refunded_in_bounds")]
    [InlineData("payments.payments", "total_minor = 500, refunded_minor = 501", "payments_refunded_in_bounds")]
    public async Task refuses_numbers_that_cannot_be(string table, string change, string constraint)
    {
        var refusal = await database.RefusedAsync($"UPDATE {table} SET {change}");

        (refusal.SqlState, refusal.ConstraintName).ShouldBe((CheckViolation, constraint));
    }

    [Fact]
    public async Task refuses_a_posting_of_nothing()
    {
        await database.ExecuteAsync(NewTransaction);

        (await database.RefusedAsync($"{NewPostings}('e1000000-0000-4000-8000-000000000001', 0, '{Rows.Ada}', 'spent', NULL, 0)")).ConstraintName.ShouldBe("credit_postings_not_zero");
    }

    [Theory]
    [InlineData("an effect's key", "users.credit_transactions", "id", "IX_credit_transactions_key")]
    [InlineData("a session", "payments.payments", "id, payment_intent_id, charge_id", "IX_payments_session_id")]
    [InlineData("an intent", "payments.payments", "id, session_id, charge_id", "IX_payments_payment_intent_id")]
    [InlineData("a charge", "payments.payments", "id, session_id, payment_intent_id", "IX_payments_charge_id")]
    [InlineData("a customer's record at the provider", "payments.customers", "id, user_id", "IX_customers_gateway_id")]
    [InlineData("a user's customer record", "payments.customers", "id, gateway_id", "IX_customers_user_id_account_livemode")]
    [InlineData("a price at the provider", "payments.plan_prices", "id, currency", "IX_plan_prices_gateway_price_id")]
    [InlineData("a plan's present price", "payments.plan_prices", "id, gateway_price_id", "IX_plan_prices_terms")]
    [InlineData("a source of access", "users.access_grants", "resource_id", "PK_access_grants")]
    [InlineData("a notification's fact", "notifications.notifications", "id", "IX_notifications_effect_key")]
    [InlineData("an open hold's reason and reference", "users.credit_holds", "id", "IX_credit_holds_user_id_reason_reference")]
    [InlineData("a stored event", "payments.webhook_events", "type", "PK_webhook_events")]
    [InlineData("an attempt", "payments.payment_attempts", "outcome", "PK_payment_attempts")]
    [InlineData("an idempotency key", "payments.idempotency_keys", "claim", "idempotency_keys_pkey")]
    public async Task has_one_row_for(string what, string table, string changed, string index)
    {
        var refusal = await database.RefusedAsync(await CopyOfAsync(table, changed.Split(", ")));

        (refusal.SqlState, refusal.ConstraintName).ShouldBe((UniqueViolation, index), what);
    }

    [Fact]
    public async Task lets_the_copies_of_these_tests_in_once_what_makes_them_unique_is_changed_too()
    {
        // Else the test above could be refused for another reason than the one it names.
        await database.ExecuteAsync(await CopyOfAsync("users.credit_transactions", ["id", "key"]));
        await database.ExecuteAsync(await CopyOfAsync("payments.payments", ["id", "session_id", "payment_intent_id", "charge_id"]));
        await database.ExecuteAsync(await CopyOfAsync("payments.customers", ["id", "user_id", "gateway_id"]));
        await database.ExecuteAsync(await CopyOfAsync("payments.plan_prices", ["id", "gateway_price_id", "currency"]));
        await database.ExecuteAsync(await CopyOfAsync("users.access_grants", ["source"]));
        await database.ExecuteAsync(await CopyOfAsync("notifications.notifications", ["id", "effect_key"]));
        await database.ExecuteAsync(await CopyOfAsync("users.credit_holds", ["id", "reference"]));
        await database.ExecuteAsync(await CopyOfAsync("payments.webhook_events", ["id"]));
    }

    [Fact]
    public async Task lets_a_reason_and_reference_be_held_again_once_the_first_hold_was_given_back()
    {
        await database.ExecuteAsync("UPDATE users.credit_holds SET status = 'released'");
        await database.ExecuteAsync(await CopyOfAsync("users.credit_holds", ["id"]));

        await database.ExecuteAsync("UPDATE users.credit_holds SET status = 'captured' WHERE id = $1", new Guid(Rows.Hold));
        (await database.RefusedAsync("UPDATE users.credit_holds SET status = 'open' WHERE id <> $1", new Guid(Rows.Hold))).SqlState.ShouldBe(UniqueViolation);
    }

    [Fact]
    public async Task lets_a_user_have_a_new_customer_record_once_the_old_one_was_deleted_at_the_provider()
    {
        await database.ExecuteAsync("UPDATE payments.customers SET deleted_at = now()");

        await database.ExecuteAsync("INSERT INTO payments.customers (id, user_id, account, livemode, gateway_id, created_at) SELECT gen_random_uuid(), user_id, account, livemode, 'cus_2', created_at FROM payments.customers");
    }

    [Theory]
    [InlineData("payments.payments")]
    [InlineData("payments.customers")]
    [InlineData("payments.credit_packs")]
    [InlineData("payments.items")]
    [InlineData("payments.products")]
    [InlineData("payments.stock")]
    [InlineData("payments.orders")]
    [InlineData("payments.order_lines")]
    [InlineData("payments.plans")]
    [InlineData("payments.plan_prices")]
    [InlineData("users.access_grants")]
    [InlineData("users.users")]
    [InlineData("users.credit_lots")]
    [InlineData("users.credit_holds")]
    [InlineData("notifications.notifications")]
    public async Task notes_when_a_row_was_last_changed(string table)
    {
        var before = await database.ScalarAsync<DateTime>($"SELECT updated_at FROM {table}");

        await database.ExecuteAsync($"UPDATE {table} SET updated_at = '2000-01-01Z'");

        (await database.ScalarAsync<DateTime>($"SELECT updated_at FROM {table}")).ShouldBeGreaterThan(before);
    }

    [Fact]
    public async Task lets_the_applications_role_work_but_not_undo_any_of_this()
    {
        await ApplicationRole.GrantAsync(database.ConnectionString, "secret", CancellationToken.None);
        foreach (var statement in new[]
        {
            "DROP TABLE payments.audit_log",
            "ALTER TABLE users.credit_postings DISABLE TRIGGER append_only",
            "DROP TRIGGER postings_balance ON users.credit_postings",
            "SET session_replication_role = replica",
            "TRUNCATE payments.audit_log",
            "DELETE FROM payments.audit_log",
        })
        {
            (await database.RefusedAsync($"SET ROLE payments_app; {statement}")).SqlState.ShouldBe("42501", statement);
        }

        (await database.RefusedAsync("SET ROLE payments_app; DELETE FROM users.credit_postings")).SqlState.ShouldBe(RestrictViolation);
        (await database.ExecuteAsync("SET ROLE payments_app; UPDATE users.users SET name = 'Ada L.'; RESET ROLE")).ShouldBe(1);
    }

    /// <summary>The statement that inserts a copy of a table's one (or first) row with some columns changed.</summary>
    private async Task<string> CopyOfAsync(string table, string[] changed)
    {
        var parts = table.Split('.');
        var columns = await database.ColumnAsync<string>("SELECT column_name::text FROM information_schema.columns WHERE table_schema = $1 AND table_name = $2", parts[0], parts[1]);
        var uuids = await database.ColumnAsync<string>("SELECT column_name::text FROM information_schema.columns WHERE table_schema = $1 AND table_name = $2 AND data_type = 'uuid'", parts[0], parts[1]);
        changed.ShouldBeSubsetOf(columns);
        var values = columns.Select(c => !changed.Contains(c) ? c : uuids.Contains(c) ? "gen_random_uuid()" : c + " || '_2'");
        return $"INSERT INTO {table} ({string.Join(", ", columns)}) SELECT {string.Join(", ", values)} FROM {table} ORDER BY 1 LIMIT 1";
    }
}
