using Microsoft.EntityFrameworkCore;
using Payments.Infrastructure.Database;

namespace Payments.Infrastructure.Tests.Database;

public sealed class Migrating_a_database : IAsyncLifetime
{
    private const string Initial = "20261121090000_Initial";

    private TestDatabase database = null!;

    public async Task InitializeAsync() => database = await TestDatabase.NewAsync(migrated: false);

    public Task DisposeAsync() => database.DisposeAsync();

    [Fact]
    public async Task forward_and_back_and_forward_again_keeps_every_row_that_both_schemas_can_hold()
    {
        await database.MigrateAsync();
        await Rows.PlantAsync(database);
        await Rows.PlantBesideAsync(database);
        var tables = await TablesAsync();
        foreach (var table in tables)
        {
            (await CountAsync(table)).ShouldBeGreaterThan(0, $"{table} has a row to lose");
        }

        var before = await ContentAsync(tables);

        await database.MigrateAsync(Initial);

        var kept = await TablesAsync();
        tables.Except(kept).ShouldBe(
            [
                "payments.audit_log", "payments.gateway_budget", "payments.idempotency_keys", "payments.sandbox_clock",
                "payments.payment_methods", "payments.plans", "payments.plan_prices", "users.access_grants", "users.access_changes", "payments.refunds", "payments.disputes", "payments.subscriptions", "payments.invoices", "payments.tax_rates",
                "payments.items", "payments.products", "payments.stock", "payments.orders", "payments.order_lines", "notifications.preferences",
            ],
            ignoreOrder: true);
        (await ContentAsync(kept)).ShouldBe([.. before.Where(row => kept.Any(t => row.StartsWith(t + " ", StringComparison.Ordinal)))]);
        (await database.ScalarAsync<long>("SELECT count(*) FROM pg_trigger WHERE NOT tgisinternal")).ShouldBe(0);
        (await database.ScalarAsync<long>("SELECT count(*) FROM information_schema.columns WHERE column_name = 'updated_at'")).ShouldBe(0);

        await database.MigrateAsync();

        (await TablesAsync()).ShouldBe(tables);
        (await ContentAsync(kept)).ShouldBe([.. before.Where(row => kept.Any(t => row.StartsWith(t + " ", StringComparison.Ordinal)))]);
        await Rows.PlantBesideAsync(database);
        (await ContentAsync(tables)).Count.ShouldBe(before.Count - 9, "a plan and its price, a refund and a dispute, an item, a product with its stock, an order and its line were of the new schema alone");
        (await ContentAsync(["users.access_grants"])).ShouldBe([.. before.Where(row => row.StartsWith("users.access_grants ", StringComparison.Ordinal))], "what the profile showed gives access again");
        (await database.RefusedAsync("DELETE FROM users.credit_postings")).SqlState.ShouldBe("23001");
    }

    [Fact]
    public async Task back_to_nothing_leaves_nothing_and_forward_works_again()
    {
        await database.MigrateAsync();
        await Rows.PlantAsync(database);
        await Rows.PlantBesideAsync(database);

        await database.MigrateAsync("0");

        (await TablesAsync()).ShouldBeEmpty();
        (await database.ColumnAsync<string>("SELECT p.proname::text FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname IN ('public', 'payments', 'users', 'notifications')")).ShouldBeEmpty();
        (await database.ScalarAsync<long>("SELECT count(*) FROM public.migrations")).ShouldBe(0);

        await database.MigrateAsync();
        await Rows.PlantAsync(database);
        await Rows.PlantBesideAsync(database);
    }

    [Fact]
    public async Task finds_the_card_of_an_opening_under_way_and_leaves_a_shared_key_to_the_newest()
    {
        const string open = "INSERT INTO payments.payments (id, user_id, flow, kind, status, quantity, refunded_minor, description, credits, refund_policy, request_key, created_at, checks, amount_minor, currency, discount_minor, tax_minor, unit_price_minor) VALUES";
        const string user = "'d9000000-0000-4000-8000-000000000001'";
        await database.MigrateAsync("20261126090000_MismatchesAndPolicies");
        await database.ExecuteAsync(
            $$"""
            {{open}} ('a1000000-0000-4000-8000-000000000001', {{user}}, 'intent', 'creditAmount', 'pending', 1, 0, 'Older', 10, 'debt', 'k', '2026-07-29T12:00:00Z', 0, 100, 'usd', 0, 0, 100),
                ('a1000000-0000-4000-8000-000000000002', {{user}}, 'intent', 'creditAmount', 'pending', 1, 0, 'Newer', 10, 'debt', 'k', '2026-07-29T12:00:01Z', 0, 100, 'usd', 0, 0, 100),
                ('a1000000-0000-4000-8000-000000000003', {{user}}, 'checkout', 'creditAmount', 'pending', 1, 0, 'Page', 10, 'debt', 'k', '2026-07-29T12:00:01Z', 0, 100, 'usd', 0, 0, 100);
            INSERT INTO payments.gateway_requests (subject_id, attempt, operation, body, prepared_at)
                VALUES ('a1000000-0000-4000-8000-000000000002', 1, 'POST /v1/payment_intents', 'amount=100&payment_method=pm_1&confirm=true&metadata[x]=payment_method', '2026-07-29T12:00:01Z');
            """);

        await database.MigrateAsync();

        (await database.ColumnAsync<string>("SELECT description || ' ' || coalesce(request_key, '-') || ' ' || coalesce(payment_method_id, '-') FROM payments.payments ORDER BY 1"))
            .ShouldBe(["Newer k pm_1", "Older - -", "Page k -"]);
    }

    [Fact]
    public async Task twice_does_nothing()
    {
        await database.MigrateAsync();
        await Rows.PlantAsync(database);

        await database.MigrateAsync();

        (await database.ScalarAsync<long>("SELECT count(*) FROM users.users")).ShouldBe(1);
    }

    [Fact]
    public async Task knows_every_change_of_the_model()
    {
        await using var db = database.Context();

        db.Database.HasPendingModelChanges().ShouldBeFalse("a change of the mapping needs a migration");
        db.Database.GetMigrations().ShouldContain(Initial);
        await Task.CompletedTask;
    }

    private Task<List<string>> TablesAsync() => database.ColumnAsync<string>(
        "SELECT table_schema || '.' || table_name FROM information_schema.tables WHERE table_schema IN ('payments', 'users', 'notifications') ORDER BY 1");

    private const string Later =
        "'{updated_at,time_zone,cards_version,cards_loaded_at,sync_due_at,invoice_id,plan_id,subscription_id,trial_days,access_id,access_type,item_id,order_id,refund_window_days,undelivered,refunds_requested_minor,disputed_minor,lost_minor,recipient,expired,expired_taken_back,forgiven,freeze_target,frozen,owed,paid_debt,taken_back,refund_policy,mismatch_minor,mismatch_total_minor,mismatch_currency,mismatch_intent_id,mismatch_decision,charge_asked_at,payment_method_id,ended_at,given_up,moved_at,superseded_from}'::text[]";

    private Task<long> CountAsync(string table) => database.ScalarAsync<long>($"SELECT count(*) FROM {table}");

    /// <summary>Every row as text, but for columns that came later, which are empty here, and the time of the last change, which the database keeps by itself.</summary>
    private async Task<List<string>> ContentAsync(IEnumerable<string> tables)
    {
        var rows = new List<string>();
        foreach (var table in tables)
        {
            rows.AddRange((await database.ColumnAsync<string>($"SELECT (to_jsonb(t) - {Later})::text FROM {table} t ORDER BY 1")).Select(row => $"{table} {row}"));
        }

        return rows;
    }
}
