namespace Payments.Application.Payments.Catalog;

/// <summary>Catalog pages in memory, forgotten on every replica as soon as the catalog changes.</summary>
public interface ICatalogCache
{
    Task<T> GetAsync<T>(string page, Func<Task<T>> load)
        where T : class;
}
