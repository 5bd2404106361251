using Microsoft.Extensions.Logging.Abstractions;
using Payments.Infrastructure.Database;

namespace Payments.Infrastructure.Tests.Database;

public sealed class Keeping_the_catalog_in_memory : IAsyncLifetime, IDisposable
{
    private TestDatabase database = null!;
    private CatalogCache cache = null!;
    private int loads;

    public async Task InitializeAsync()
    {
        database = await TestDatabase.NewAsync();
        await Rows.PlantAsync(database);
        cache = new CatalogCache(database.Source, NullLogger<CatalogCache>.Instance);
    }

    public async Task DisposeAsync()
    {
        await cache.StopAsync(CancellationToken.None);
        await database.DisposeAsync();
    }

    public void Dispose() => cache.Dispose();

    [Fact]
    public async Task reads_every_time_while_it_cannot_hear_of_changes()
    {
        await LoadAsync();
        await LoadAsync();

        loads.ShouldBe(2);
    }

    [Fact]
    public async Task reads_once_and_keeps_pages_apart()
    {
        await ListenAsync();
        var first = await LoadAsync();
        loads = 0;

        (await LoadAsync()).ShouldBeSameAs(first);
        (await LoadAsync("plans")).ShouldNotBeSameAs(first);
        (await LoadAsync("plans")).ShouldNotBeSameAs(first);

        loads.ShouldBe(1);
    }

    [Theory]
    [InlineData("UPDATE payments.credit_packs SET price_minor = price_minor + 1")]
    [InlineData("INSERT INTO payments.credit_packs (id, name, credits, display_order, active, currency, price_minor) VALUES (gen_random_uuid(), 'New', 1, 9, true, 'usd', 100)")]
    [InlineData("DELETE FROM payments.credit_packs")]
    [InlineData("TRUNCATE payments.credit_packs")]
    [InlineData("UPDATE payments.items SET name = 'Other'")]
    [InlineData("TRUNCATE payments.items")]
    [InlineData("UPDATE payments.products SET name = 'Other'")]
    [InlineData("TRUNCATE payments.products CASCADE")]
    [InlineData("TRUNCATE payments.plans CASCADE")]
    [InlineData("UPDATE payments.plans SET active = false")]
    public async Task forgets_as_soon_as_the_catalog_changes(string change)
    {
        await ListenAsync();
        await LoadAsync();
        loads = 0;

        await database.ExecuteAsync(change);

        await EventuallyAsync(async () =>
        {
            await LoadAsync();
            return loads > 0;
        });
    }

    [Fact]
    public async Task does_not_keep_a_page_that_was_read_while_the_catalog_changed()
    {
        await ListenAsync();
        await cache.GetAsync("probe", () => Task.FromResult("old"));

        await cache.GetAsync("page", async () =>
        {
            await database.ExecuteAsync("UPDATE payments.credit_packs SET name = 'Renamed'");
            await EventuallyAsync(async () => await cache.GetAsync("probe", () => Task.FromResult("new")) == "new");
            return "read before the change";
        });

        (await cache.GetAsync("page", () => Task.FromResult("read after it"))).ShouldBe("read after it");
    }

    [Fact]
    public async Task does_not_keep_what_could_not_be_read()
    {
        await ListenAsync();

        await Should.ThrowAsync<TimeoutException>(() => cache.GetAsync<string>("page", () => throw new TimeoutException()));

        (await cache.GetAsync("page", () => Task.FromResult("there"))).ShouldBe("there");
    }

    [Fact]
    public async Task forgets_when_the_line_is_cut_and_listens_again()
    {
        await ListenAsync();
        var before = await LoadAsync();

        await database.ScalarAsync<bool>("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%' AND pid <> pg_backend_pid()");
        await EventuallyAsync(async () => !ReferenceEquals(await LoadAsync(), before));
        await IsKeptAsync();
        loads = 0;

        await database.ExecuteAsync("UPDATE payments.credit_packs SET name = 'Renamed'");
        await EventuallyAsync(async () =>
        {
            await LoadAsync();
            return loads > 0;
        });
    }

    private Task<object> LoadAsync(string page = "credit-packs") => cache.GetAsync(page, () =>
    {
        loads++;
        return Task.FromResult(new object());
    });

    private async Task ListenAsync()
    {
        await cache.StartAsync(CancellationToken.None);
        await IsKeptAsync();
    }

    private Task IsKeptAsync() => EventuallyAsync(async () => ReferenceEquals(await LoadAsync(), await LoadAsync()));

    /// <summary>A bound that ends a hopeless wait, not a measure of speed.</summary>
    private static async Task EventuallyAsync(Func<Task<bool>> holds)
    {
        var until = DateTime.UtcNow.AddSeconds(30);
        while (!await holds())
        {
            DateTime.UtcNow.ShouldBeLessThan(until, "it never happened");
            await Task.Delay(10);
        }
    }
}
