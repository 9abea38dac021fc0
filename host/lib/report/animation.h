/* The formats of an animation. */
#ifndef CLFIT_HOST_ANIMATION_H
#define CLFIT_HOST_ANIMATION_H

#include "clfit.h"

/* Seconds that each frame is shown, and the last one longer. */
#define FRAME_SECONDS 0.4
#define FRAME_PAUSE   2.0

clfit_status clfit_animation_write_svg(const clfit_animation *animation, FILE *stream);
clfit_status clfit_animation_write_gif(const clfit_animation *animation, const char *path, FILE *stream,
                                       clfit_error *error);
clfit_status clfit_animation_write_mp4(const clfit_animation *animation, const char *path, FILE *stream,
                                       clfit_error *error);

/* What is missing on this machine; path is what the error calls the picture. */
clfit_status clfit_animation_check_gif(const char *path, clfit_error *error);
clfit_status clfit_animation_check_mp4(const char *path, clfit_error *error);

#endif
