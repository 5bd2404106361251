using System.Collections.Concurrent;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;
using Npgsql;

namespace Payments.Infrastructure.Database;

/// <summary>
/// Writes many new rows of one table as one statement (<c>INSERT … SELECT FROM unnest</c>), whatever their number, so
/// that a batch of payments costs one round trip for its ledger instead of one statement a row.
/// </summary>
internal sealed class BulkInsert
{
    private static readonly ConcurrentDictionary<IEntityType, BulkInsert> Known = new();

    private readonly BulkColumn[] columns;
    private readonly string sql;

    private BulkInsert(IEntityType entity)
    {
        columns = [.. entity.GetProperties().Where(p => !p.IsShadowProperty()).Select(p => BulkColumn.Of(p))];
        var names = string.Join(", ", columns.Select(c => c.Name));
        var arrays = string.Join(", ", columns.Select((c, i) => $"${i + 1}::{c.StoreType}[]"));
        sql = $"INSERT INTO {entity.GetSchema()}.{entity.GetTableName()} ({names}) SELECT * FROM unnest({arrays})";
    }

    public static BulkInsert For(IEntityType entity) => Known.GetOrAdd(entity, e => new BulkInsert(e));

    /// <param name="rows">Entities of the table, tracked or not.</param>
    /// <param name="suffix">For example <c>ON CONFLICT DO NOTHING</c>.</param>
    public NpgsqlBatchCommand Command(IReadOnlyList<object> rows, string suffix = "")
    {
        var command = new NpgsqlBatchCommand(sql + " " + suffix);
        foreach (var column in columns)
        {
            command.Parameters.Add(column.Parameter(rows));
        }

        return command;
    }
}
