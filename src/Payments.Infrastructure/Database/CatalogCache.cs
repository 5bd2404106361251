using System.Collections.Concurrent;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Payments.Application.Payments.Catalog;

namespace Payments.Infrastructure.Database;

/// <summary>
/// Catalog pages in memory. A trigger on every catalog table notifies all replicas, which then forget; a replica that
/// cannot listen caches nothing.
/// </summary>
internal sealed partial class CatalogCache(NpgsqlDataSource database, ILogger<CatalogCache> logger) : BackgroundService, ICatalogCache
{
    private const string Channel = "catalog_changed";
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(2);

    private ConcurrentDictionary<string, object> pages = new(StringComparer.Ordinal);
    private volatile bool listening;

    public async Task<T> GetAsync<T>(string page, Func<Task<T>> load)
        where T : class
    {
        var now = pages;
        if (listening && now.TryGetValue(page, out var known))
        {
            return (T)known;
        }

        var loaded = await load();

        // Into the dictionary seen before the load: if the catalog changed meanwhile, that one is no longer in use.
        now[page] = loaded;
        return loaded;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await using var connection = await database.OpenConnectionAsync(stoppingToken);
                connection.Notification += (_, _) => Forget();
                await using (var listen = new NpgsqlCommand($"LISTEN {Channel}", connection))
                {
                    await listen.ExecuteNonQueryAsync(stoppingToken);
                }

                Forget();
                listening = true;
                while (true)
                {
                    await connection.WaitAsync(stoppingToken);
                }
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) when (Outage.Is(e) || e is IOException)
            {
                listening = false;
                Log.NotListening(logger, e.Message);
                await Task.Delay(RetryAfter, stoppingToken);
            }
        }
    }

    /// <summary>The next page of each kind is read anew.</summary>
    public void Forget() => pages = new ConcurrentDictionary<string, object>(StringComparer.Ordinal);

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "The catalog cache cannot listen for changes ({Reason}); pages are read from the database meanwhile")]
        public static partial void NotListening(ILogger logger, string reason);
    }
}
