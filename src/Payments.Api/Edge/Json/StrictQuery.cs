using Microsoft.AspNetCore.Mvc.ModelBinding;

namespace Payments.Api.Edge.Json;

/// <summary>Enums and times in a query, as strict as in a body: a name and no number, and a time that says its zone.</summary>
internal sealed class StrictQuery : IModelBinderProvider
{
    public IModelBinder? GetBinder(ModelBinderProviderContext context)
    {
        var type = context.Metadata.UnderlyingOrModelType;
        return context.BindingInfo.BindingSource == BindingSource.Body ? null
            : type.IsEnum ? new Binder(type, text => Named(type, text))
            : type == typeof(DateTimeOffset) ? new Binder(type, text => UtcTimes.Parse(text))
            : null;
    }

    private static object? Named(Type type, string text) =>
        Enum.GetNames(type).FirstOrDefault(name => name.Equals(text, StringComparison.OrdinalIgnoreCase)) is { } name ? Enum.Parse(type, name) : null;

    /// <param name="read">Null: the text is no such value.</param>
    private sealed class Binder(Type type, Func<string, object?> read) : IModelBinder
    {
        public Task BindModelAsync(ModelBindingContext bindingContext)
        {
            var (name, given) = (bindingContext.ModelName, bindingContext.ValueProvider.GetValue(bindingContext.ModelName));
            if (given == ValueProviderResult.None)
            {
                return Task.CompletedTask;
            }

            bindingContext.ModelState.SetModelValue(name, given);
            var text = given.FirstValue;
            if (string.IsNullOrEmpty(text) && bindingContext.ModelMetadata.IsReferenceOrNullableType)
            {
                bindingContext.Result = ModelBindingResult.Success(null);
            }
            else if (read(text ?? "") is { } value)
            {
                bindingContext.Result = ModelBindingResult.Success(value);
            }
            else
            {
                bindingContext.ModelState.TryAddModelError(name, "must be " + JsonWants.Of(type));
            }

            return Task.CompletedTask;
        }
    }
}
