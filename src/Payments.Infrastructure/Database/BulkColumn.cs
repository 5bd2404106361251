using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;
using Npgsql;

namespace Payments.Infrastructure.Database;

/// <summary>A column as an array parameter: the values of many rows at once.</summary>
internal sealed class BulkColumn
{
    private readonly Func<object?, object?>? convert;
    private readonly Type arrayType;

    public BulkColumn(IProperty property)
    {
        Property = property;
        var mapping = property.GetRelationalTypeMapping();
        Name = property.GetColumnName();
        StoreType = property.GetColumnType();
        convert = mapping.Converter?.ConvertToProvider;
        var type = mapping.Converter?.ProviderClrType ?? property.ClrType;
        type = Nullable.GetUnderlyingType(type) ?? type;
        arrayType = property.IsNullable && type.IsValueType ? typeof(Nullable<>).MakeGenericType(type) : type;
    }

    public IProperty Property { get; }

    public string Name { get; }

    public string StoreType { get; }

    public NpgsqlParameter Parameter<TRow>(IReadOnlyList<TRow> rows, Func<TRow, IProperty, object?> read)
    {
        var values = Array.CreateInstance(arrayType, rows.Count);
        for (var i = 0; i < rows.Count; i++)
        {
            var value = read(rows[i], Property);
            values.SetValue(value is null || convert is null ? value : convert(value), i);
        }

        return new NpgsqlParameter { Value = values, DataTypeName = StoreType + "[]" };
    }
}
