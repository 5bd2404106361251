using System.Linq.Expressions;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;
using Npgsql;

namespace Payments.Infrastructure.Database;

/// <summary>A column as an array parameter: the values of many rows at once.</summary>
internal abstract class BulkColumn(IProperty property)
{
    public IProperty Property { get; } = property;

    public string Name { get; } = property.GetColumnName();

    public string StoreType { get; } = property.GetColumnType();

    public static BulkColumn Of(IProperty property)
    {
        var type = property.GetRelationalTypeMapping().Converter?.ProviderClrType ?? property.ClrType;
        type = Nullable.GetUnderlyingType(type) ?? type;
        type = property.IsNullable && type.IsValueType ? typeof(Nullable<>).MakeGenericType(type) : type;
        return (BulkColumn)Activator.CreateInstance(typeof(Typed<>).MakeGenericType(type), property)!;
    }

    /// <param name="rows">Entities of the property's type.</param>
    public abstract NpgsqlParameter Parameter(IReadOnlyList<object> rows);

    /// <summary>Reads by compiled code: through EF's getters and converters every value would be boxed twice.</summary>
    private sealed class Typed<T>(IProperty property) : BulkColumn(property)
    {
        private readonly Func<object, T> read = Reader(property);

        public override NpgsqlParameter Parameter(IReadOnlyList<object> rows)
        {
            var values = new T[rows.Count];
            for (var i = 0; i < values.Length; i++)
            {
                values[i] = read(rows[i]);
            }

            return new NpgsqlParameter { Value = values, DataTypeName = StoreType + "[]" };
        }

        private static Func<object, T> Reader(IProperty property)
        {
            var row = Expression.Parameter(typeof(object));
            var entity = Expression.Convert(row, property.DeclaringType.ClrType);
            var value = property.PropertyInfo is { CanRead: true } member ? Expression.Property(entity, member) : Expression.Field(entity, property.FieldInfo!);
            return Expression.Lambda<Func<object, T>>(InDatabase(value, property.GetRelationalTypeMapping().Converter?.ConvertToProviderExpression), row).Compile();
        }

        private static Expression InDatabase(Expression value, LambdaExpression? convert)
        {
            if (convert is null)
            {
                return Expression.Convert(value, typeof(T));
            }

            return convert.Parameters[0].Type == value.Type
                ? Expression.Convert(Expression.Invoke(convert, value), typeof(T))
                : Expression.Condition(
                    Expression.Property(value, nameof(Nullable<int>.HasValue)),
                    Expression.Convert(Expression.Invoke(convert, Expression.Property(value, nameof(Nullable<int>.Value))), typeof(T)),
                    Expression.Default(typeof(T)));
        }
    }
}
